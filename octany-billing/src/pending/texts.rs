//! What the page says.

use std::borrow::Cow;

/// What the page that waits says, in one language. Plain text.
///
/// ```
/// use octany_billing::Texts;
///
/// let mut german = Texts::english();
/// german.language = "de".into();
/// german.heading = "Wir bestätigen deine Zahlung".into();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Texts {
    /// The language, as in `Accept-Language`: `en`, `sv`.
    pub language: Cow<'static, str>,
    /// The heading, which is the title as well.
    pub heading: Cow<'static, str>,
    /// While the payment is waited for.
    pub waiting: Cow<'static, str>,
    /// Once it is there, until the visitor is back.
    pub ready: Cow<'static, str>,
    /// When it takes long: what happens now.
    pub slow: Cow<'static, str>,
    /// The link that looks once more.
    pub look_again: Cow<'static, str>,
    /// The link back to the app.
    pub go_on: Cow<'static, str>,
}

impl Texts {
    /// In English.
    pub const fn english() -> Self {
        Self {
            language: Cow::Borrowed("en"),
            heading: Cow::Borrowed("Confirming your payment"),
            waiting: Cow::Borrowed(
                "This takes a moment. You will be sent on as soon as the payment is confirmed.",
            ),
            ready: Cow::Borrowed("Your payment is confirmed. You are being sent on."),
            slow: Cow::Borrowed(
                "Your payment is not confirmed yet. Some ways to pay take time: a direct debit \
                 or an invoice can take several days. If you have paid, you do not need to pay \
                 again: you will have access as soon as the payment is confirmed.",
            ),
            look_again: Cow::Borrowed("Check again"),
            go_on: Cow::Borrowed("Continue"),
        }
    }

    /// In Swedish.
    pub const fn swedish() -> Self {
        Self {
            language: Cow::Borrowed("sv"),
            heading: Cow::Borrowed("Vi bekräftar din betalning"),
            waiting: Cow::Borrowed(
                "Det tar ett ögonblick. Du skickas vidare så snart betalningen är bekräftad.",
            ),
            ready: Cow::Borrowed("Din betalning är bekräftad. Du skickas vidare."),
            slow: Cow::Borrowed(
                "Din betalning är inte bekräftad än. Vissa betalsätt tar tid: autogiro eller \
                 faktura kan ta flera dagar. Om du har betalat behöver du inte betala igen: du får \
                 tillgång så snart betalningen är bekräftad.",
            ),
            look_again: Cow::Borrowed("Kontrollera igen"),
            go_on: Cow::Borrowed("Fortsätt"),
        }
    }
}
