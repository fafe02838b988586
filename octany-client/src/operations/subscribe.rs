//! Subscriptions without a checkout.

use std::fmt;
use std::sync::Arc;

use octany_core::resource::Subscription;
use octany_core::{ProductId, ReferenceId, SubscriptionId, Text};
use serde::Serialize;

use crate::transport::Request;
use crate::{Answered, Client, Error, decode};

/// A subscription that is paid as another one is.
#[derive(Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename = "from_subscription")]
#[non_exhaustive]
pub struct NewSubscription {
    /// The one whose payment method is used.
    pub subscription_id: SubscriptionId,
    /// What is subscribed to.
    pub product_id: ProductId,
    /// Another price than the product's, in minor units (öre, cents).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_amount: Option<i64>,
    /// Your key for whom it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_id: Option<ReferenceId>,
    /// A label for `reference_id` in Octany's admin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_name: Option<String>,
}

impl NewSubscription {
    /// A subscription to `product`, paid as `subscription` is.
    pub fn paid_as(subscription: impl Into<SubscriptionId>, product: impl Into<ProductId>) -> Self {
        Self {
            subscription_id: subscription.into(),
            product_id: product.into(),
            custom_amount: None,
            reference_id: None,
            reference_name: None,
        }
    }
}

impl fmt::Debug for NewSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As in a resource, the label may be somebody's name.
        f.debug_struct("NewSubscription")
            .field("subscription_id", &self.subscription_id)
            .field("product_id", &self.product_id)
            .field("custom_amount", &self.custom_amount)
            .field("reference_id", &self.reference_id)
            .field("reference_name", &self.reference_name.as_deref().map(Text::from))
            .finish()
    }
}

impl Client {
    /// Creates a subscription that is paid as another one is (`POST /subscriptions`).
    ///
    /// The contract does not have it: path and members are those of Octany's PHP SDK
    /// (`createFromSubscriptionBillingMethod`), which does not say what is answered. An answer that
    /// holds no subscription is an error of kind [`Decode`](crate::ErrorKind::Decode), and
    /// [ambiguous](Error::is_ambiguous): the subscription may well be there.
    ///
    /// ```no_run
    /// # async fn example(client: octany_client::Client) -> Result<(), octany_client::Error> {
    /// use octany_client::NewSubscription;
    ///
    /// let mut wanted = NewSubscription::paid_as(76963688, 1225);
    /// wanted.reference_id = Some("team_7".into());
    /// let created = client.create_subscription(&wanted).await?;
    /// println!("{} is {}", created.value.id, created.value.status);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error`]; after one that [is ambiguous](Error::is_ambiguous), look for it among the
    /// subscriptions before you try again.
    pub async fn create_subscription(
        &self,
        wanted: &NewSubscription,
    ) -> Result<Answered<Arc<Subscription>>, Error> {
        let request = Request::post("subscription.create", &["subscriptions"]).json(wanted);
        self.call(&request, decode::one).await
    }
}
