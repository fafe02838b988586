//! Where a store is.

use std::path::PathBuf;

/// Where a store is. It may hold a password, so it cannot be shown.
pub(super) enum Address {
    Sqlite(PathBuf),
    Postgres(String),
    MySql(String),
    Redis(String),
}

impl Address {
    /// Reads a URL; `None` if it is that of no store.
    pub(super) fn read(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once(':')?;
        Some(match scheme {
            "sqlite" | "file" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                // What stands behind it is for libraries.
                let path = path.split('?').next().filter(|path| !path.is_empty())?;
                // A database in memory is nobody else's.
                if path == ":memory:" {
                    return None;
                }
                Self::Sqlite(path.into())
            }
            "postgres" | "postgresql" => Self::Postgres(url.to_owned()),
            "mysql" => Self::MySql(url.to_owned()),
            "mariadb" => Self::MySql(format!("mysql:{rest}")),
            "redis" | "rediss" | "redis+unix" | "unix" => Self::Redis(url.to_owned()),
            "valkey" => Self::Redis(format!("redis:{rest}")),
            "valkeys" => Self::Redis(format!("rediss:{rest}")),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_what_kind_of_store_it_is() {
        let kind = |url| match Address::read(url) {
            Some(Address::Sqlite(path)) => format!("sqlite {}", path.display()),
            Some(Address::Postgres(url) | Address::MySql(url) | Address::Redis(url)) => url,
            None => "none".to_owned(),
        };
        assert_eq!(kind("sqlite:app.db"), "sqlite app.db");
        assert_eq!(kind("sqlite:///var/app.db?mode=rwc"), "sqlite /var/app.db");
        assert_eq!(kind("postgresql://u:p@h/d"), "postgresql://u:p@h/d");
        assert_eq!(kind("mariadb://h/d"), "mysql://h/d");
        assert_eq!(kind("rediss://h/"), "rediss://h/");
        for other in ["", "app.db", "sqlite:", "sqlite::memory:", "http://h/", "C:\\app.db"] {
            assert_eq!(kind(other), "none", "{other}");
        }
    }
}
