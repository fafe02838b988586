//! One list of members a resource: how it is built, read, written and kept follows from it.

/// Declares a resource: the struct, its constructor, its reader (`Resource`), its writer
/// (`Serialize`) and `into_owned`.
///
/// Members under `required` make a resource what it is; the others are `None` when they are
/// absent, null, or of a type that could not be read (then they are in `extra`, and
/// `mistyped` names them).
macro_rules! resource {
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            required { $($(#[$rdoc:meta])* $required:ident: $rtype:ty = $rkey:literal,)* }
            optional { $($(#[$odoc:meta])* $optional:ident: $otype:ty = $okey:literal,)* }
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$rdoc])* pub $required: $rtype,)*
            $($(#[$odoc])* pub $optional: Option<$otype>,)*
            /// Members without a field of their own, and those that could not be read.
            pub extra: $crate::resource::Extra,
            presence: $crate::resource::Presence,
        }

        const _: () = {
            /// A member's place in the bit sets of `Presence`.
            #[allow(non_camel_case_types, dead_code)]
            enum Index { $($optional,)* Count }
            const _: () = assert!((Index::Count as u32) < u64::BITS);

            #[derive(Default)]
            #[allow(unreachable_pub)] // It is an associated type, but no one outside can name it.
            pub struct Draft {
                $($required: Option<$rtype>,)*
                $($optional: Option<$otype>,)*
                extra: $crate::resource::Extra,
                presence: $crate::resource::Presence,
                too_deep: Option<&'static str>,
                /// A member of the lists above could not be read, at least once.
                unread: bool,
            }

            impl $crate::json::Fields for Draft {
                fn field(&mut self, key: &str, value: $crate::json::Raw<'_>) {
                    use $crate::resource::field::Field;
                    let known: &'static str = match key {
                        $($rkey => {
                            self.$required = Field::read(value);
                            if self.$required.is_some() { return }
                            $rkey
                        })*
                        $($okey => {
                            let index = Index::$optional as u32;
                            let null = value.is_null();
                            self.$optional = if null { None } else { Field::read(value) };
                            let readable = null || self.$optional.is_some();
                            self.presence.note(index, readable, null);
                            if readable { return }
                            $okey
                        })*
                        _ => return self.extra.insert_raw(key, value),
                    };
                    if value.is_too_deep() { self.too_deep = Some(known); }
                    self.unread = true;
                    self.extra.insert_raw(known, value);
                }
            }

            impl $crate::resource::Resource for $name {
                type Draft = Draft;

                fn finish(mut draft: Draft) -> Result<Self, $crate::resource::Defect> {
                    use $crate::resource::Defect;
                    if let Some(member) = draft.too_deep {
                        return Err(Defect::too_deep(member));
                    }
                    if draft.unread {
                        draft.extra.settle(|key| match key {
                            $($rkey => Some(draft.$required.is_none()),)*
                            $($okey => Some(draft.presence.was_mistyped(Index::$optional as u32)),)*
                            _ => None,
                        });
                    }
                    Ok(Self {
                        $($required: match draft.$required {
                            Some(value) => value,
                            None if draft.extra.get($rkey).is_some() => {
                                return Err(Defect::mistyped($rkey));
                            }
                            None => return Err(Defect::missing($rkey)),
                        },)*
                        $($optional: draft.$optional,)*
                        extra: draft.extra,
                        presence: draft.presence,
                    })
                }

                fn serialize_members<M: serde::ser::SerializeMap>(
                    &self,
                    map: &mut M,
                    kept_only: bool,
                ) -> Result<(), M::Error> {
                    use $crate::resource::field::Field;
                    $(map.serialize_entry($rkey, &self.$required)?;)*
                    $(if <$otype as Field>::KEPT || !kept_only {
                        match &self.$optional {
                            Some(value) => map.serialize_entry($okey, value)?,
                            None if self.presence.was_null(Index::$optional as u32) => {
                                map.serialize_entry($okey, &())?;
                            }
                            None => {}
                        }
                    })*
                    for (key, value) in self.extra.iter() {
                        if !(kept_only && $crate::resource::is_portal_member(key)) {
                            map.serialize_entry(key, value)?;
                        }
                    }
                    Ok(())
                }
            }

            impl $name {
                /// One with nothing but what makes it one; all else is `None`.
                #[allow(clippy::new_without_default)]
                pub fn new($($required: impl Into<$rtype>),*) -> Self {
                    Self {
                        $($required: $required.into(),)*
                        $($optional: None,)*
                        extra: $crate::resource::Extra::default(),
                        presence: $crate::resource::Presence::default(),
                    }
                }

                /// Reads one from a JSON document, whose bytes it then shares.
                ///
                /// # Errors
                ///
                /// Not UTF-8, not JSON, not an object, or without a member that makes it one.
                pub fn parse(
                    document: impl Into<bytes::Bytes>,
                ) -> Result<Self, $crate::resource::ResourceError> {
                    $crate::resource::parse(document.into())
                }

                /// The names of the members that came with a type that could not be read; their
                /// values are in `extra`.
                pub fn mistyped(&self) -> impl Iterator<Item = &'static str> + '_ {
                    const NAMES: &[&str] = &[$($okey),*];
                    NAMES
                        .iter()
                        .zip(0..)
                        .filter(|(_, index)| self.presence.was_mistyped(*index))
                        .map(|(name, _)| *name)
                }

                /// A copy that no longer keeps the document it was read from alive.
                #[must_use]
                pub fn into_owned(self) -> Self {
                    use $crate::resource::field::Field;
                    Self {
                        $($required: Field::into_owned(self.$required),)*
                        $($optional: self.$optional.map(Field::into_owned),)*
                        extra: self.extra.into_owned(),
                        presence: self.presence,
                    }
                }
            }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    use serde::ser::SerializeMap;
                    let mut map = serializer.serialize_map(None)?;
                    $crate::resource::Resource::serialize_members(self, &mut map, false)?;
                    map.end()
                }
            }
        };
    };
}
pub(crate) use resource;
