//! Running the command.

use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// What the command said.
pub(crate) struct Told {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The command, with nothing in its environment that a test did not put there.
pub(crate) fn octany(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_octany"));
    command.env_clear().args(arguments).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end.
pub(crate) fn told(command: &mut Command) -> Told {
    Told::from(command.output().expect("it starts"))
}

/// Ctrl-C.
pub(crate) fn interrupt(child: &Child) {
    let sent = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status();
    assert!(sent.unwrap().success());
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("it is text");
        let code = output.status.code().expect("it exits");
        Self { code, out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Told {
    /// The JSON documents, one a line.
    pub(crate) fn documents(&self) -> Vec<Value> {
        let document = |line| serde_json::from_str(line).expect("a line is a document");
        self.out.lines().map(document).collect()
    }

    /// The only document.
    pub(crate) fn document(&self) -> Value {
        let [document] = <[Value; 1]>::try_from(self.documents()).expect("there is one");
        document
    }

    /// All that it said, which no secret may be in.
    pub(crate) fn without(self, secret: &str) -> Self {
        for said in [&self.out, &self.err] {
            assert!(!said.contains(secret), "{said}");
        }
        self
    }

    /// Fails unless it ended so.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }
}
