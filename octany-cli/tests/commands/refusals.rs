//! What the command says to what cannot be done.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::run::{octany, told};

#[test]
fn what_is_no_url_is_wrong_usage_and_who_is_away_is_not() {
    let trigger = |to| {
        let mut command = octany(&["trigger", "test.hook", "--to", to]);
        let told = told(command.env("OCTANY_WEBHOOK_SECRET", "0123456789abcdef0123456789abcdef"));
        (told.code, told.err)
    };
    assert_eq!(trigger("nonsense"), (2, "octany: nonsense is no URL\n".to_owned()));
    let free = TcpListener::bind("127.0.0.1:0").expect("a port is free").local_addr();
    let (code, why) = trigger(&format!("http://{}/", free.expect("it is bound")));
    assert_eq!(code, 3);
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
    let told = told(&mut octany(&["listen", "--sim", &url])).exits(1);
    assert_eq!(told.err, "octany: that is no local Octany\n");
    assert!(told.out.is_empty());
}
