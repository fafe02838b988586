//! What the command says to what cannot be done.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output};

fn octany(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_octany"))
        .args(arguments)
        .env("OCTANY_WEBHOOK_SECRET", "0123456789abcdef0123456789abcdef")
        .output()
        .expect("it starts")
}

#[test]
fn what_is_no_url_is_wrong_usage_and_who_is_away_is_not() {
    let trigger = |to| {
        let told = octany(&["trigger", "test.hook", "--to", to]);
        (told.status.code(), String::from_utf8(told.stderr).expect("it is text"))
    };
    assert_eq!(trigger("nonsense"), (Some(2), "octany: nonsense is no URL\n".to_owned()));
    let free = TcpListener::bind("127.0.0.1:0").expect("a port is free").local_addr();
    let (code, why) = trigger(&format!("http://{}/", free.expect("it is bound")));
    assert_eq!(code, Some(3));
    assert!(why.starts_with("octany: no answer from http://"), "{why}");
}

#[test]
fn nobody_listens_to_what_is_no_local_octany() {
    let other = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", other.local_addr().expect("it is bound"));
    std::thread::spawn(move || {
        for stream in other.incoming() {
            let mut stream = stream.expect("it connects");
            let _ = stream.read(&mut [0; 4096]);
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    let told = octany(&["listen", "--sim", &url]);
    assert_eq!(told.status.code(), Some(1));
    let why = String::from_utf8(told.stderr).expect("it is text");
    assert_eq!(why, "octany: that is no local Octany\n");
    assert!(told.stdout.is_empty());
}
