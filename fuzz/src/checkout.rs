//! Checkout URLs of whatever an app knows of its visitors, and links that it was configured with.

use arbitrary::Arbitrary;
use octany_core::ProductId;
use octany_core::checkout::{CHECKOUT_BASE, CheckoutError, CheckoutUrl, check_link};
use url::{Host, Url};

const ACCOUNT: &str = "0b6f9a52-7c11-4b8e-9d55-6f1d0c3a2e41";

/// What a checkout is made of.
#[derive(Arbitrary, Debug)]
pub struct Checkout {
    account: Option<String>,
    product: Product,
    base: Option<String>,
    allow_localhost: bool,
    success_url: Option<String>,
    reference: Option<String>,
    amount: Option<i64>,
    roles: Vec<String>,
    methods: Vec<String>,
    texts: [Option<String>; 12],
}

#[derive(Arbitrary, Debug)]
enum Product {
    Number(u64),
    Text(String),
}

impl Checkout {
    /// Builds the URL, and reads it as a browser would.
    ///
    /// # Panics
    ///
    /// On the first promise that does not hold.
    pub fn check(&self) {
        for link in [&self.base, &self.success_url].into_iter().flatten() {
            leads_where_it_seems_to(link, self.allow_localhost);
        }
        match self.url().build() {
            Ok(url) => self.says_what_it_was_given(&url),
            Err(error) => self.was_refused_for_a_reason(&error),
        }
    }

    fn url(&self) -> CheckoutUrl {
        let product = match &self.product {
            Product::Number(number) => ProductId::from(*number),
            Product::Text(text) => ProductId::from(text.as_str()),
        };
        let mut url = CheckoutUrl::new(self.account.as_deref().unwrap_or(ACCOUNT), product);
        if let Some(base) = &self.base {
            url = url.base(base);
        }
        if self.allow_localhost {
            url = url.allow_localhost();
        }
        if let Some(success_url) = &self.success_url {
            url = url.success_url(success_url);
        }
        if let Some(reference) = &self.reference {
            url = url.reference_id(reference.as_str());
        }
        if let Some(amount) = self.amount {
            url = url.amount(amount);
        }
        url = url.roles(self.roles.clone()).methods(self.methods.clone());
        let [a, b, c, d, e, f, g, h, i, j, k, l] =
            self.texts.clone().map(Option::unwrap_or_default);
        url.reference_name(a)
            .email(b)
            .first_name(c)
            .last_name(d)
            .company_name(e)
            .role(f)
            .locale(g)
            .utm_source(h)
            .utm_medium(i)
            .utm_campaign(j)
            .utm_content(k)
            .utm_term(l)
    }

    /// What is in the URL, in any order.
    fn parameters(&self) -> Vec<(String, String)> {
        let names = [
            "referenceName",
            "email",
            "firstName",
            "lastName",
            "companyName",
            "role",
            "locale",
            "utm_source",
            "utm_medium",
            "utm_campaign",
            "utm_content",
            "utm_term",
        ];
        let texts = names.into_iter().zip(self.texts.clone().map(Option::unwrap_or_default));
        let list = |entries: &[String]| (!entries.is_empty()).then(|| entries.join(","));
        let rest = [
            ("successUrl", self.success_url.clone()),
            ("referenceId", self.reference.clone()),
            ("amount", self.amount.map(|amount| amount.to_string())),
            ("roles", list(&self.roles)),
            ("methods", list(&self.methods)),
        ];
        let rest = rest.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let texts = texts.filter(|(_, value)| !value.is_empty());
        let mut all: Vec<_> =
            rest.chain(texts).map(|(name, value)| (name.to_owned(), value)).collect();
        all.sort();
        all
    }

    fn says_what_it_was_given(&self, text: &str) {
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text}");
        let base = self.base.as_deref().unwrap_or(CHECKOUT_BASE);
        assert!(text.starts_with(base.trim_end_matches('/')), "{text}");
        let Ok(base) = Url::parse(base) else { return };
        let url = Url::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(url.origin(), base.origin(), "{text}");
        assert_eq!(url.fragment(), None, "{text}");
        let product = match &self.product {
            Product::Number(number) => number.to_string(),
            Product::Text(text) => text.clone(),
        };
        let account = self.account.as_deref().unwrap_or(ACCOUNT);
        assert!(url.path().ends_with(&format!("/checkout/{account}/product/{product}")), "{text}");
        let mut read: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        read.sort();
        assert_eq!(read, self.parameters(), "{text}");
        // Others than this crate take no `+` for a space.
        assert!(!text.contains('+') || self.base.as_deref().is_some_and(|base| base.contains('+')));
    }

    fn was_refused_for_a_reason(&self, error: &CheckoutError) {
        let reference = self.reference.as_deref().unwrap_or("x");
        let list = |entries: &[String]| {
            entries.iter().any(|entry| entry.trim().is_empty() || entry.contains(','))
        };
        assert!(match error {
            CheckoutError::AccountNotUuid => self.account.is_some(),
            CheckoutError::InvalidProduct => matches!(self.product, Product::Text(_)),
            CheckoutError::Base(_) => self.base.is_some(),
            CheckoutError::SuccessUrl(_) => self.success_url.is_some(),
            CheckoutError::EmptyReference => reference.trim().is_empty(),
            CheckoutError::ReferenceTooLong { length } =>
                *length > 250 && reference.chars().count() == *length,
            CheckoutError::NegativeAmount => self.amount.is_some_and(|amount| amount < 0),
            CheckoutError::InvalidList { .. } => list(&self.roles) || list(&self.methods),
            _ => false,
        });
    }
}

/// A link that was accepted is the same to a browser.
fn leads_where_it_seems_to(link: &str, allow_localhost: bool) {
    if check_link(link, allow_localhost).is_err() {
        return;
    }
    assert!(link.bytes().all(|byte| byte.is_ascii_graphic()));
    // What the referee cannot read leads nowhere.
    let Ok(url) = Url::parse(link) else { return };
    assert!(url.username().is_empty() && url.password().is_none(), "{link}");
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => panic!("{link} has no host"),
    };
    match url.scheme() {
        "https" => {}
        "http" => assert!(allow_localhost && loopback, "{link}"),
        scheme => panic!("{scheme}"),
    }
}
