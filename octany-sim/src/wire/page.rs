//! What the API answers with: one resource, or a page of a list.

use serde::Serialize;

use super::write;

/// Which page of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its number, from 1.
    pub number: u64,
    /// How many a page.
    pub size: u64,
}

#[derive(Serialize)]
struct One<T> {
    data: T,
}

#[derive(Serialize)]
struct List<T> {
    data: Vec<T>,
    pagination: Pagination,
}

#[derive(Serialize)]
struct Pagination {
    total: u64,
    count: u64,
    per_page: u64,
    current_page: u64,
    total_pages: u64,
    links: Links,
}

#[derive(Serialize)]
struct Links {
    next: Option<String>,
    previous: Option<String>,
}

/// One resource.
pub fn one(data: impl Serialize) -> String {
    write(&One { data })
}

impl Page {
    /// This page of a list. `url` is the list's, with what else is asked of it, for the links to the
    /// pages beside it.
    pub fn of<I, T>(
        self,
        all: impl Iterator<Item = I>,
        url: &str,
        document: impl Fn(I) -> T,
    ) -> String
    where
        T: Serialize,
    {
        let start = (self.number - 1).saturating_mul(self.size);
        let mut data = Vec::new();
        let mut total = 0;
        for item in all {
            if total >= start && total - start < self.size {
                data.push(document(item));
            }
            total += 1;
        }
        let total_pages = total.div_ceil(self.size).max(1);
        let before = if url.contains('?') { '&' } else { '?' };
        let link = |number: u64| format!("{url}{before}page={number}");
        let links = Links {
            next: (self.number < total_pages).then(|| link(self.number + 1)),
            previous: (self.number > 1).then(|| link(self.number - 1)),
        };
        let pagination = Pagination {
            total,
            count: data.len() as u64,
            per_page: self.size,
            current_page: self.number,
            total_pages,
            links,
        };
        write(&List { data, pagination })
    }
}
