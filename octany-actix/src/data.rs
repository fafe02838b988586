//! What the app put where actix keeps shared things.

use actix_web::HttpRequest;
use actix_web::web::Data;

/// From `App::app_data(value)` or `App::app_data(web::Data::new(value))`.
pub(crate) fn app_data<T: 'static>(request: &HttpRequest) -> Option<&T> {
    request.app_data().or_else(|| request.app_data::<Data<T>>().map(Data::get_ref))
}
