//! The life of a login, in reading order: [`request`] (held back by [`limits`]) -> [`queue`] -> [`deliver`] -> [`redeem`].

pub mod deliver;
pub mod limits;
pub mod queue;
pub mod redeem;
pub mod request;
