//! The islands: what of a page comes alive in the browser, one file each.
//!
//! They are the client. An island gets its texts as arguments, in the language of its page: as [`Drawn`] what stays as the server
//! has drawn it, as plain text what changes.

pub mod code_form;
pub mod login_form;
pub mod resend_form;
pub mod verify_form;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::IgnoredAny};

/// Texts of an island that never change. Hydration takes them over from the page, so they are not sent a second time: in
/// the browser this is empty, and nobody may read it after the first drawing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Drawn<T>(pub T);

impl<T> Serialize for Drawn<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de, T: Default> Deserialize<'de> for Drawn<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer)?;
        Ok(Self(T::default()))
    }
}
