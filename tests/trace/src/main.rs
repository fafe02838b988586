//! Searches its input, a line at a time, as if it were what a test logs. The argument is whose it is.

use std::io::{self, BufRead, Write};
use std::path::Path;

use octany_test_trace::search_in;
use tracing_subscriber::fmt::MakeWriter;

fn main() -> io::Result<()> {
    let whose = std::env::args().nth(1).unwrap_or_default();
    let folder = std::env::var_os("OCTANY_TEST_TRACE").ok_or(io::ErrorKind::NotFound)?;
    let search = search_in(Path::new(&folder), &whose)?;
    let mut input = io::stdin().lock();
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        search.make_writer().write_all(&line)?;
        line.clear();
    }
    Ok(())
}
