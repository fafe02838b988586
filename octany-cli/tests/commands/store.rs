//! Stores that are away, wrong or unfinished.

use std::fs;
use std::net::TcpListener;

use sqlx::{Connection, Executor, PgConnection};

use crate::place::Place;
use crate::run::{octany, told};

const PASSWORD: &str = "hunter2-is-secret";

#[test]
fn no_password_is_shown_whatever_is_wrong() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (url, code) in [
        (format!("postgres://app:{PASSWORD}@127.0.0.1:{port}/app"), 3),
        (format!("mysql://app:{PASSWORD}@127.0.0.1:{port}/app"), 3),
        (format!("mariadb://app:{PASSWORD}@127.0.0.1:{port}/app"), 3),
        (format!("redis://app:{PASSWORD}@127.0.0.1:{port}"), 3),
        (format!("postgres://app:{PASSWORD}@:{PASSWORD}/app"), 3),
        (format!("mysql://app:{PASSWORD}@:{PASSWORD}/app"), 3),
        (format!("redis://app:{PASSWORD}@:{PASSWORD}/app"), 3),
        (format!("ftp://app:{PASSWORD}@127.0.0.1/"), 2),
        (format!("app:{PASSWORD}@127.0.0.1"), 2),
        (PASSWORD.to_owned(), 2),
    ] {
        for arguments in [&["why", "user_42"][..], &["why", "user_42", "--json"]] {
            let mut command = octany(arguments);
            command.env("OCTANY_STORE_URL", &url).env("RUST_LOG", "debug");
            let refused = told(&mut command).exits(code).without(PASSWORD);
            assert!(refused.out.is_empty() && !refused.err.is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_a_server_refuses_is_not_shown() {
    for place in [Place::postgres().await, Place::mysql().await] {
        let mut url = url::Url::parse(&place.url).unwrap();
        url.set_username("nobody_of_this_name").unwrap();
        url.set_password(Some(PASSWORD)).unwrap();
        let mut command = octany(&["why", "user_42"]);
        told(command.env("OCTANY_STORE_URL", url.as_str())).exits(3).without(PASSWORD);
    }
}

#[test]
fn without_a_store_it_is_said_how_to_name_one() {
    let refused = told(&mut octany(&["why", "user_42"])).exits(2).err;
    assert!(refused.contains("OCTANY_STORE_URL") && refused.contains("--store-file"), "{refused}");
    told(octany(&["inbox", "list"]).env("OCTANY_STORE_URL", "")).exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_url_is_in_a_file_where_it_is_not_in_the_environment() {
    let place = Place::sqlite().await;
    let file = place.folder().join("url");
    fs::write(&file, format!("{}\n", place.url)).unwrap();
    told(&mut octany(&["why", "user_42", "--store-file", file.to_str().unwrap()])).exits(1);
    let path = place.folder().join("app.db");
    told(&mut octany(&["why", "user_42", "--sqlite", path.to_str().unwrap()])).exits(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_there_is_not_made() {
    let place = Place::sqlite().await;
    let path = place.folder().join("mistyped.db");
    for command in [&["why", "user_42"][..], &["inbox", "replay", "7"], &["why", "u", "--migrate"]]
    {
        let arguments = [command, &["--sqlite", path.to_str().unwrap()]].concat();
        let refused = told(&mut octany(&arguments)).exits(3).err;
        assert!(refused.contains("mistyped.db could not be read"), "{refused}");
        assert!(!path.exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_reads_leaves_a_file_as_it_is() {
    let place = Place::sqlite().await;
    let path = place.folder().join("app.db");
    let before = fs::read(&path).unwrap();
    for command in [&["why", "user_42"][..], &["inbox", "list"], &["charges", "list"]] {
        place.asked(command);
    }
    assert!(before == fs::read(&path).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_migrated_unless_it_is_asked_for() {
    let place = Place::postgres().await;
    let mut connection = PgConnection::connect(&place.url).await.unwrap();
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'billing'";
    let count = async |connection: &mut PgConnection| {
        sqlx::query_scalar::<_, i64>(tables).fetch_one(connection).await.unwrap()
    };
    connection.execute("DROP TABLE octany_inbox, octany_checkouts").await.unwrap();
    let refused = place.asked(&["why", "user_42"]).exits(3).err;
    assert!(refused.contains("lacks 0002_inbox, 0004_checkouts"), "{refused}");
    assert!(refused.contains("--migrate"), "{refused}");

    let elsewhere = ["why", "user_42", "--store-schema", "billing", "--store-prefix", "shop_"];
    place.asked(&elsewhere).exits(3);
    assert_eq!(count(&mut connection).await, 0);
    let migrate = [&elsewhere[..], &["--migrate"]].concat();
    place.asked(&migrate).exits(1);
    assert!(count(&mut connection).await > 0);
    place.asked(&elsewhere).exits(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_lacks_everything_until_it_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.db");
    fs::write(&path, "").unwrap();
    let why = ["why", "user_42", "--sqlite", path.to_str().unwrap()];
    let refused = told(&mut octany(&why)).exits(3).err;
    assert!(refused.contains("lacks 0001_octany, 0002_inbox"), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), b"");
    told(&mut octany(&[&why[..], &["--migrate"]].concat())).exits(1);
    told(&mut octany(&why)).exits(1);
}
