//! What a document said about a member that has no value.

/// Bit sets over a resource's optional members, so that it can be written as it was read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Presence {
    nulls: u64,
    mistyped: u64,
}

impl Presence {
    pub(crate) fn note(&mut self, index: u32, readable: bool, null: bool) {
        let bit = 1 << index;
        self.nulls &= !bit;
        self.mistyped &= !bit;
        if null {
            self.nulls |= bit;
        } else if !readable {
            self.mistyped |= bit;
        }
    }

    pub(crate) fn was_null(self, index: u32) -> bool {
        self.nulls & (1 << index) != 0
    }

    pub(crate) fn was_mistyped(self, index: u32) -> bool {
        self.mistyped & (1 << index) != 0
    }
}
