//! What the load generator (`wrk`) is given: a script that sends deliveries, each once where they must
//! differ.

use std::fmt::Write as _;
use std::path::Path;

use crate::delivery::{self, Deliveries, Delivery, PIECES, secret};

/// So many deliveries are more than a server takes on one core while it is measured.
const FRESH: u64 = 400_000;

/// Writes `load.lua` to the folder, and beside it what it reads.
pub fn write(folder: &Path, deliveries: &Deliveries) {
    std::fs::create_dir_all(folder).unwrap();
    let script = match deliveries {
        Deliveries::Same(delivery) => same(delivery),
        Deliveries::Fresh(_) => {
            let path = folder.join("deliveries");
            std::fs::write(&path, lines()).unwrap();
            fresh(&path)
        }
    };
    std::fs::write(folder.join("load.lua"), script).unwrap();
}

fn same(delivery: &Delivery) -> String {
    let mut script = "wrk.method = \"POST\"\n".to_owned();
    for (name, value) in &delivery.headers {
        writeln!(script, "wrk.headers[\"{name}\"] = \"{value}\"").unwrap();
    }
    let body = std::str::from_utf8(&delivery.body).unwrap();
    writeln!(script, "wrk.body = [==[{body}]==]").unwrap();
    script
}

/// What differs in each, and its signature, all of one width.
fn lines() -> String {
    let secret = secret();
    let mut lines = String::new();
    for number in 0..FRESH {
        let (id, at, subscription) = delivery::parts(number);
        let signature = secret.sign(delivery::body(number).as_bytes());
        writeln!(lines, "{id} {at} {subscription} {signature}").unwrap();
    }
    lines
}

/// Sends each line's delivery once, and stops when there are no more.
fn fresh(lines: &Path) -> String {
    let [begin, before_at, before_subscription, before_reference, end] = PIECES;
    let (length, lines) = (delivery::body(0).len(), lines.display());
    format!(
        r#"local begin, before_at = [==[{begin}]==], [==[{before_at}]==]
local before_subscription = [==[{before_subscription}]==]
local before_reference, the_end = [==[{before_reference}]==], [==[{end}]==]
local head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" ..
    "Content-Length: {length}\r\nOctany-Signature: "
local next_line = io.lines("{lines}")
function request()
    local line = next_line()
    if not line then
        wrk.thread:stop()
        return head .. "\r\n\r\n"
    end
    local id, at, subscription = line:sub(1, 8), line:sub(10, 34), line:sub(36, 43)
    return head .. line:sub(45) .. "\r\n\r\n" ..
        begin .. id .. before_at .. at .. before_subscription .. subscription ..
        before_reference .. subscription .. the_end
end
"#
    )
}
