//! Ways to say where a body ends, right and wrong ones.

use std::fmt::Display;

use crate::server::HOOK;

/// Bytes that are sent as they are, and the answers that are right: 0 for a closed connection.
pub(crate) struct Framing {
    pub(crate) what: &'static str,
    pub(crate) version: &'static str,
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) answers: &'static [u16],
}

/// Acknowledged: it is the right delivery.
const READ: &[u16] = &[204];
/// Refused by the server, by the layer, or by closing the connection; never acknowledged.
const REFUSED: &[u16] = &[0, 400, 401, 408, 411, 413, 501, 505];
/// HTTP leaves to the server whether it reads this. If it does, it is the right delivery.
const READ_OR_REFUSED: &[u16] = &[0, 204, 400, 401, 431, 501];

pub(crate) fn framings() -> impl Iterator<Item = Framing> {
    lengths().into_iter().chain(chunks()).chain(codings()).chain(heads())
}

fn framing(
    what: &'static str,
    head: impl Display,
    body: impl Display,
    answers: &'static [u16],
) -> Framing {
    let (head, body) = (head.to_string(), body.to_string());
    Framing { what, version: "1.1", head, body, answers }
}

fn old(framing: Framing) -> Framing {
    Framing { version: "1.0", ..framing }
}

fn length(length: impl Display) -> String {
    format!("content-length: {length}\r\n")
}

fn coded(coding: &str) -> String {
    format!("transfer-encoding: {coding}\r\n")
}

/// The delivery as one chunk and the end, with its parts to change.
fn chunk() -> String {
    format!("{:x}\r\n{HOOK}\r\n0\r\n\r\n", HOOK.len())
}

fn lengths() -> Vec<Framing> {
    let all = HOOK.len();
    vec![
        framing("a length", length(all), HOOK, READ),
        framing("one byte less", length(all - 1), HOOK, REFUSED),
        framing("one byte more", length(all + 1), HOOK, REFUSED),
        framing("no length", "", HOOK, REFUSED),
        framing("no length and no body", "", "", REFUSED),
        framing("a length of nothing", length(0), HOOK, REFUSED),
        framing("the same length twice", length(all).repeat(2), HOOK, READ_OR_REFUSED),
        framing("two lengths", length(all) + &length(all - 1), HOOK, REFUSED),
        framing("a list of lengths", length(format!("{all}, {all}")), HOOK, READ_OR_REFUSED),
        framing("a negative length", length(-1), HOOK, REFUSED),
        framing("a length with a sign", length(format!("+{all}")), HOOK, REFUSED),
        framing("a length in hexadecimal", length(format!("{all:#x}")), HOOK, REFUSED),
        framing("a length that is a word", length("all"), HOOK, REFUSED),
        framing("a length beyond 64 bits", length("99999999999999999999999"), HOOK, REFUSED),
        old(framing("HTTP/1.0 with a length", length(all), HOOK, READ)),
        old(framing("HTTP/1.0 without a length", "", HOOK, REFUSED)),
    ]
}

fn chunks() -> Vec<Framing> {
    let (all, chunk, end) = (HOOK.len(), chunk(), "0\r\n\r\n");
    let chunked = |what, body: String, answers| framing(what, coded("chunked"), body, answers);
    let with_trailer = chunk.replacen(end, "0\r\na: b\r\n\r\n", 1);
    vec![
        chunked("one chunk", chunk.clone(), READ),
        chunked("a chunk with an extension", chunk.replacen("\r\n", ";a=b\r\n", 1), READ),
        chunked("chunks with a trailer", with_trailer, READ_OR_REFUSED),
        chunked("chunks without an end", chunk.replacen(end, "", 1), REFUSED),
        chunked("a chunk that is cut", chunk[..40].to_owned(), REFUSED),
        chunked("a chunk of no number", format!("zz\r\n{HOOK}\r\n{end}"), REFUSED),
        chunked(
            "a chunk beyond 64 bits",
            format!("{}\r\n{HOOK}\r\n{end}", "f".repeat(18)),
            REFUSED,
        ),
        chunked("a chunk longer than it says", format!("5\r\n{HOOK}\r\n{end}"), REFUSED),
        chunked("a chunk that is not closed", format!("{all:x}\r\n{HOOK}{end}"), REFUSED),
        chunked("an endless extension", format!("{all:x};{}", "a".repeat(100_000)), REFUSED),
        chunked("chunks that are not there", HOOK.to_owned(), REFUSED),
        framing("chunks and a length", length(all) + &coded("chunked"), &chunk, READ_OR_REFUSED),
        old(chunked("HTTP/1.0 in chunks", chunk, READ_OR_REFUSED)),
    ]
}

fn codings() -> Vec<Framing> {
    let chunk = chunk();
    vec![
        framing("chunks of chunks", coded("chunked, chunked"), &chunk, READ_OR_REFUSED),
        framing("compressed chunks", coded("gzip, chunked"), &chunk, READ_OR_REFUSED),
        framing("chunks that are compressed", coded("chunked, gzip"), &chunk, REFUSED),
        framing("compressed to the end", coded("gzip"), HOOK, REFUSED),
        framing("as it is", coded("identity") + &length(HOOK.len()), HOOK, READ_OR_REFUSED),
        framing("a coding nobody knows", coded("rot13"), HOOK, REFUSED),
        framing("a control character", coded("\u{b}chunked"), &chunk, REFUSED),
        framing("a folded header", coded("\r\n chunked"), &chunk, READ_OR_REFUSED),
    ]
}

fn heads() -> Vec<Framing> {
    let length = length(HOOK.len());
    let space = length.replacen(':', " :", 1);
    let long = format!("{length}a: {}\r\n", "b".repeat(100_000));
    let many = format!("{length}{}", "a: b\r\n".repeat(10_000));
    let new = framing("HTTP/9.9", &length, HOOK, REFUSED);
    vec![
        framing("white space before the colon", space, HOOK, REFUSED),
        framing("a header without a colon", format!("{length}nothing\r\n"), HOOK, REFUSED),
        framing("a header of 100 kB", long, HOOK, READ_OR_REFUSED),
        framing("10,000 headers", many, HOOK, READ_OR_REFUSED),
        Framing { version: "9.9", ..new },
    ]
}
