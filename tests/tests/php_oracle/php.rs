//! A PHP that is installed here.

use std::env;
use std::ffi::OsStr;
use std::io::{self, ErrorKind, Write};
use std::process::{Command, Output, Stdio};
use std::sync::Once;

use octany_tests::fixtures::php_directory;

const INSTALL: &str = "apt-get install php-cli";

/// The `php` command; `None`, and a word about it, where there is none.
pub(crate) struct Php {
    command: &'static str,
}

impl Php {
    /// Where `OCTANY_REQUIRE_PHP=1`, as in CI, a missing PHP is a failure.
    pub(crate) fn find() -> Option<Self> {
        static SAID: Once = Once::new();

        let command = "php";
        let found = Command::new(command).arg("--version").stdout(Stdio::null()).status();
        let missing = matches!(&found, Err(error) if error.kind() == ErrorKind::NotFound);
        let usable = found.is_ok_and(|status| status.success());
        let required = env::var_os("OCTANY_REQUIRE_PHP").is_some_and(|value| value == "1");
        assert!(missing || usable, "`php --version` fails");
        assert!(usable || !required, "OCTANY_REQUIRE_PHP=1, but no php is installed: {INSTALL}");
        if !usable {
            // To the stream itself, since a test that passes does not show what it prints.
            SAID.call_once(|| {
                let _ = writeln!(
                    io::stderr(),
                    "php_oracle: no php is installed, so the live part was left out ({INSTALL})",
                );
            });
        }
        usable.then_some(Self { command })
    }

    /// Runs one of the fixtures' scripts and returns the lines it writes.
    pub(crate) fn run<A: AsRef<OsStr>>(
        &self,
        script: &str,
        arguments: impl IntoIterator<Item = A>,
        input: &str,
    ) -> Vec<String> {
        let mut php = Command::new(self.command)
            .arg(php_directory().join(script))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("php was found before");
        let mut stdin = php.stdin.take().expect("it is piped");
        let Output { status, stdout, .. } = std::thread::scope(|scope| {
            // Beside the reading, so that neither pipe fills up while nobody reads the other.
            scope.spawn(move || stdin.write_all(input.as_bytes()));
            php.wait_with_output().expect("php runs to its end")
        });
        assert!(status.success(), "{script} fails");
        String::from_utf8(stdout).expect("it writes hex").lines().map(str::to_owned).collect()
    }
}
