//! What can be wrong with a receiver, why that matters, and what to do about it.

use crate::output::Tone;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Severity {
    /// It works, and could be better.
    Warning,
    /// It loses deliveries, or believes what it must not.
    Wrong,
}

impl Severity {
    pub(super) fn tone(self) -> Tone {
        match self {
            Self::Warning => Tone::Warn,
            Self::Wrong => Tone::Bad,
        }
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Wrong => "wrong",
        }
    }
}

/// Declares findings: a name, how bad it is, why it matters, and what to do.
macro_rules! findings {
    ($($name:ident = $code:literal, $severity:ident, $why:literal, $fix:literal;)*) => {
        /// What is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Finding { $($name,)* }

        impl Finding {
            /// Its name, for programs.
            pub(super) fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            pub(super) fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// Why it matters.
            pub(super) fn why(self) -> &'static str {
                match self { $(Self::$name => $why,)* }
            }

            /// What to do about it.
            pub(super) fn fix(self) -> &'static str {
                match self { $(Self::$name => $fix,)* }
            }
        }
    };
}

findings! {
    SecretLength = "secret_length", Warning,
        "Octany's secrets have 32 characters, and this one has not.",
        "Copy the endpoint's secret from Octany's admin pages once more, all of it.";
    SecretSpace = "secret_whitespace", Wrong,
        "There is white space in the secret. An app that uses it as it stands refuses every delivery.",
        "Remove it, a line break at the end too; `printf` writes none, `echo` does.";
    NoTls = "no_tls", Warning,
        "Deliveries carry customers' data, and anybody on the way can read them.",
        "Use an https:// URL.";
    ClockSkew = "clock_skew", Wrong,
        "The endpoint's clock and this one differ by more than a minute: paid time begins and ends at \
         wrong instants.",
        "Let the server keep its time by NTP.";
    NotFound = "not_found", Wrong,
        "There is nothing at this URL.",
        "Compare the path with the app's route, and a proxy's rules.";
    WrongMethod = "post_refused", Wrong,
        "The URL is there, and takes no POST.",
        "Route POST to the handler.";
    Redirects = "redirects", Wrong,
        "The endpoint sends deliveries elsewhere. Who sends webhooks does not follow, or follows \
         without the body.",
        "Register the final URL: https, the right host, with or without the slash at its end. If it \
         leads to a sign-in page, take the route out of it.";
    Page = "page", Wrong,
        "An HTML page answered with success: the fallback of a web app, and no handler of webhooks. \
         Octany takes that for a delivery that was dealt with.",
        "Put the route before the fallback, and answer unknown paths with 404.";
    AuthInFront = "auth_in_front", Wrong,
        "Something in front of the handler asks for a sign-in, which Octany has not.",
        "Leave this route out of the authentication: the signature is its own.";
    Csrf = "csrf", Wrong,
        "A protection against forged forms refuses the delivery, which comes from no form.",
        "Leave this route out of it: the signature protects it.";
    WrongSecret = "wrong_secret", Wrong,
        "A delivery that is signed with this secret is refused: the app has another one, or none.",
        "Give the app the secret of this very endpoint: each has its own, and a rotation changes it. \
         `octany verify` says more about a delivery that you kept.";
    SecretLineBreak = "secret_line_break", Wrong,
        "The app's secret has white space at its end, so that it refuses what Octany signs.",
        "Trim the secret where the app reads it, or write it without the line break.";
    ExpectsPrefix = "expects_prefix", Wrong,
        "The app wants a scheme before the signature. Octany sends 64 hex digits and nothing else.",
        "Compare the whole header with the digest in hex.";
    ExpectsBase64 = "expects_base64", Wrong,
        "The app wants the signature in Base64. Octany sends it in hex.",
        "Encode the digest in lower-case hex.";
    VerifiesReencoded = "verifies_reencoded", Wrong,
        "The app parses the body, writes it anew and verifies that. PHP, which Octany is written in, \
         writes `\\/` and `\\u00e5` where others write `/` and `å`: genuine deliveries are refused.",
        "Verify the bytes as they arrived, before anything parses them.";
    ContentType = "content_type", Warning,
        "Whether a delivery is taken depends on the `Content-Type`, which nobody signs.",
        "Read the body as bytes, whatever its type is said to be.";
    TooSlow = "too_slow", Wrong,
        "The answer did not come in time. Octany counts that as a failure and sends again, while the \
         first attempt may still be at work.",
        "Store the delivery, answer, and do the work afterwards (an inbox).";
    Slow = "slow", Warning,
        "The answer took more than two seconds: under load it will be too late.",
        "Store the delivery, answer, and do the work afterwards (an inbox).";
    Crashes = "crashes", Wrong,
        "A genuine delivery makes the app fail.",
        "Look into its log. A 5xx is right for an outage only: the delivery is sent again.";
    Refuses = "refuses", Wrong,
        "A genuine delivery is refused.",
        "Look into the app's log.";
    RefusesRepeated = "refuses_repeated", Wrong,
        "Octany delivers at least once. A repetition that is refused is sent again and again.",
        "Keep the ids of deliveries, and answer 2xx to one that was dealt with.";
    HandlesRepeated = "handles_repeated", Wrong,
        "The same delivery, sent again, seems to be dealt with again: what it causes happens twice.",
        "Claim the delivery's id in the transaction of its effect (`claim_in`), or give the layer a \
         delivery log.";
    FailsAtOnce = "fails_at_once", Wrong,
        "The same delivery on several connections at the same moment makes the app fail.",
        "Claim the delivery's id by one atomic statement; a second one that waits is answered with 409, \
         or with 2xx once the first is done.";
    RefusesReordered = "refuses_reordered", Wrong,
        "Deliveries come in any order. An older report after a newer one is normal, and refusing it has \
         it sent again for ever.",
        "Keep what is newest, and answer 2xx to what is not.";
    OlderWins = "older_wins", Wrong,
        "An older report that came late replaced a newer one: who has cancelled may get back in.",
        "Compare instants in the statement that writes.";
    RefusesOld = "refuses_old", Wrong,
        "A delivery from a month ago is refused. After an outage they come late, and Octany signs no \
         time that could be trusted.",
        "Tell repetitions apart by their ids and not by their age.";
    RefusesUnknown = "refuses_unknown_event", Wrong,
        "An event of a new name is refused. Octany adds some, and would send them again and again.",
        "Answer 2xx to events that you do not know, and do nothing.";
    NoVerification = "no_verification", Wrong,
        "A forged delivery is taken: anybody can give themselves a subscription.",
        "Verify `Octany-Signature` over the body's bytes, in constant time, before anything else.";
    RefusesWith200 = "refuses_with_2xx", Wrong,
        "What is refused is answered with success. Octany takes every 2xx for a delivery that was dealt \
         with, and forgets it.",
        "Answer 401 to a wrong signature, 400 to what is no event, and 5xx to a failure.";
    ComparesPrefix = "compares_prefix", Wrong,
        "Only a part of the signature is compared, which can be guessed.",
        "Compare all 64 digits, and refuse any other length.";
    AcceptsPrefix = "accepts_prefix", Warning,
        "A signature with something before it passes. Whoever parses more than there is, parses wrong.",
        "Refuse what is not 64 hex digits.";
    AcceptsOtherHeader = "accepts_other_header", Warning,
        "A signature in another header passes: a proxy that cleans the real one is gone around.",
        "Read `Octany-Signature` and nothing else.";
    AcceptsTwo = "accepts_two_signatures", Warning,
        "Of two signatures one is picked. Which one, a proxy may see differently.",
        "Refuse a header that is there twice.";
    EmptySecret = "empty_secret", Wrong,
        "A delivery that is signed with an empty secret is taken: the app has none, and whoever guesses \
         that can sign.",
        "Set the secret, and let the app not start without one.";
    DecompressesFirst = "decompresses_first", Warning,
        "The body is unpacked before it is verified: a few bytes from anybody become gigabytes.",
        "Take the route out of decompression. Octany compresses nothing.";
    LeaksSignature = "leaks_signature", Wrong,
        "The answer to a forgery shows the right signature, or the secret: now it can be signed.",
        "Answer 401 and nothing else.";
    FailsOnForged = "fails_on_forged", Wrong,
        "What anybody can send makes the app fail.",
        "Refuse a missing or wrong signature with 401, before anything else happens.";
    ParsesFirst = "parses_first", Warning,
        "The body is parsed before it is verified, so strangers reach the parser.",
        "Verify the bytes first.";
    AcceptsMalformed = "accepts_malformed", Wrong,
        "What is signed and no event is answered with success: a mistake is lost without a trace.",
        "Answer 400 to what cannot be read.";
    FailsOnMalformed = "fails_on_malformed", Warning,
        "What is signed and no event makes the app fail with a 5xx.",
        "Answer 400 to what cannot be read.";
    FailsOnDepth = "fails_on_depth", Wrong,
        "A deeply nested body breaks the connection or the app: its stack ran over.",
        "Parse with a limit of depth, as serde_json and PHP do.";
    NoBodyLimit = "no_body_limit", Wrong,
        "The app reads 16 MiB from a stranger to its end before it refuses: a few hundred of those at \
         once fill its memory.",
        "Limit the body, to 1 MiB for instance, and answer 413.";
    AnswersGet = "answers_get", Warning,
        "A GET is answered with success, as if the URL were a page. Health checks and crawlers will be \
         taken for deliveries.",
        "Route POST only; a GET is a 405.";
    NoAnswer = "no_answer", Wrong,
        "The connection ended without an answer: the app's handler, or the app itself, broke down.",
        "Look into its log.";
    MissingMigrations = "missing_migrations", Wrong,
        "The store's tables lack something that this release needs.",
        "Call `migrate` at the app's start, or run the migrations with the app's own.";
    NotStored = "report_not_in_store", Warning,
        "A report that was taken is not in this store, under its reference.",
        "Is it this app's store? Give the layer `.ledger(store)`. Where references are signed, one that \
         is not names nobody, and this is right.";
    UnknownProduct = "unknown_product", Wrong,
        "A guard asks for a product that the account has not: nobody gets in.",
        "Compare the product's id with Octany's admin pages, and test and live accounts with each other.";
}
