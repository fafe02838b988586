//! Receivers that were broken on purpose.

use crate::receiver::{Mistake, receiver};
use crate::support::{examine, serve};

/// Exactly these findings, and the exit code that goes with them.
async fn finds(mistake: Mistake, expected: &[&str], code: i32) {
    let url = serve(receiver(mistake)).await;
    let examined = examine(&url, &["--timeout", "2"]).await;
    let examined = examined.finds(expected);
    assert_eq!(examined.code, code, "{}", examined.text);
}

/// A test for each mistake, so that they are looked at beside each other.
macro_rules! planted {
    ($($name:ident: $mistake:ident, $code:literal, [$($finding:literal),*];)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            finds(Mistake::$mistake, &[$($finding),*], $code).await;
        }
    )*};
}

planted! {
    a_receiver_without_a_mistake_is_found_to_be_right: None, 0, [];
    no_verification: NoVerification, 1, ["no_verification"];
    verification_of_json_that_was_written_anew: VerifiesReencoded, 1, ["verifies_reencoded"];
    verification_that_passes_other_white_space: VerifiesWithoutSpaces, 1, ["verifies_reencoded"];
    comparing_a_prefix: ComparesPrefix, 1, ["compares_prefix"];
    comparing_as_far_as_the_shorter_one_goes: ComparesShortest, 1, ["compares_prefix"];
    any_case_and_a_scheme_before_it: AnyCaseAndPrefix, 0, ["accepts_prefix"];
    success_for_a_forgery_that_is_refused: OkOnForged, 1, ["refuses_with_2xx"];
    success_for_what_cannot_be_read: OkOnMalformed, 1, ["accepts_malformed"];
    a_failure_on_an_unknown_event: FailsOnUnknownEvent, 1, ["refuses_unknown_event"];
    a_redirect: Redirects, 1, ["redirects"];
    no_limit_to_the_body: NoLimit, 1, ["no_body_limit"];
    an_answer_after_the_timeout: Slow, 1, ["too_slow"];
    a_content_type_that_is_needed: NeedsContentType, 0, ["content_type"];
    repetitions_that_are_handled: CountsRepetitions, 1, ["handles_repeated"];
    a_failure_on_a_repetition: FailsOnRepetition, 1, ["fails_at_once", "refuses_repeated"];
    a_failure_on_repetitions_at_once: FailsAtOnce, 1, ["fails_at_once"];
    refusing_what_is_older: RefusesOlder, 1, ["refuses_reordered"];
    refusing_what_is_old: RefusesOld, 1, ["refuses_old"];
    another_secret: WrongSecret, 1, ["wrong_secret"];
    a_secret_with_a_line_break: SecretWithLineBreak, 1, ["secret_line_break"];
    no_secret: NoSecret, 1, ["empty_secret", "wrong_secret"];
    a_clock_two_hours_ahead: ClockAhead, 1, ["clock_skew"];
    an_answer_to_get: AnswersGet, 0, ["answers_get"];
    a_guard_against_forged_forms: Csrf, 1, ["csrf"];
    authentication_in_front: SignIn, 1, ["auth_in_front"];
    a_sign_in_page_in_front: SignInPage, 1, ["auth_in_front"];
    the_page_of_a_web_app: Spa, 1, ["page"];
    a_handler_that_panics: Panics, 1, ["no_answer"];
    a_handler_that_fails: Fails, 1, ["crashes"];
    a_scheme_that_is_wanted: WantsPrefix, 1, ["accepts_prefix", "expects_prefix"];
    base64_that_is_wanted: WantsBase64, 1, ["expects_base64"];
    the_first_of_two_signatures: FirstOfTwo, 0, ["accepts_two_signatures"];
    a_signature_in_another_header: OtherHeader, 0, ["accepts_other_header"];
    unpacking_before_verifying: Unpacks, 0, ["decompresses_first"];
    an_answer_that_shows_the_signature: ShowsSignature, 1, ["leaks_signature"];
    parsing_before_verifying: ParsesFirst, 0, ["parses_first"];
    a_failure_without_a_signature: FailsUnsigned, 1, ["fails_on_forged"];
    a_failure_on_what_cannot_be_read: FailsOnMalformed, 0, ["fails_on_malformed"];
    a_failure_on_depth: FailsOnDepth, 1, ["fails_on_depth"];
    a_path_where_nothing_is: WrongPath, 1, ["not_found"];
    a_route_for_get_only: GetOnly, 1, ["post_refused"];
}
