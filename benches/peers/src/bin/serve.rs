//! Serves one contestant on a port of its own, for a load generator outside.
//!
//! `serve GROUP NAME FOLDER`: writes the generator's script to the folder, prints the port, and serves
//! until it is ended. Without arguments it prints whom it can serve.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it prints, and stops where it cannot"
)]

use std::net::TcpListener;
use std::path::PathBuf;

use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};
use octany_benches::contest::Visit;
use octany_benches::delivery::Deliveries;
use octany_benches::load;
use octany_peers::contest::{self, VisitPeers};
use tokio::runtime::{Builder, Runtime};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let wanted = arguments.next().zip(arguments.next()).zip(arguments.next());
    let wanted = wanted.map(|((group, name), folder)| (group, name, PathBuf::from(folder)));
    contest::visit(&mut Serve { wanted });
}

struct Serve {
    wanted: Option<(String, String, PathBuf)>,
}

impl Serve {
    /// Where to listen, if this is who is wanted; what the generator is to send is written before.
    fn listener(&self, group: &str, name: &str, deliveries: &Deliveries) -> Option<TcpListener> {
        let Some((wanted_group, wanted_name, folder)) = &self.wanted else {
            println!("{group}\t{name}");
            return None;
        };
        if (group, name) != (wanted_group, wanted_name) {
            return None;
        }
        load::write(folder, deliveries);
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        println!("{}", listener.local_addr().unwrap().port());
        Some(listener)
    }
}

impl Visit for Serve {
    fn verify(&mut self, _: &str, _: &str, _: &mut dyn FnMut() -> bool) {}

    fn axum(&mut self, group: &str, name: &str, router: axum::Router, deliveries: Deliveries) {
        let Some(listener) = self.listener(group, name, &deliveries) else { return };
        runtime().block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
    }

    fn actix<F>(&mut self, group: &str, name: &str, configure: F, deliveries: Deliveries)
    where
        F: Fn(&mut ServiceConfig) + Clone + Send + 'static,
    {
        let Some(listener) = self.listener(group, name, &deliveries) else { return };
        actix_web::rt::System::new().block_on(async {
            let server = HttpServer::new(move || App::new().configure(configure.clone()));
            server.workers(1).listen(listener).unwrap().run().await.unwrap();
        });
    }
}

impl VisitPeers for Serve {
    fn axum07(&mut self, group: &str, name: &str, router: axum07::Router, deliveries: Deliveries) {
        let Some(listener) = self.listener(group, name, &deliveries) else { return };
        runtime().block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum07::serve(listener, router).await.unwrap();
        });
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}
