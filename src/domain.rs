//! The rules of a login, and nothing that touches the world.
//!
//! This room reads no clock, no randomness, no file and no network: time and chance are arguments.
//! It imports no framework; `tests/black_box/rooms.rs` reads its sources. In reading order:
//!
//! 1. [`unix_time`]: seconds since 1970, the only notion of time here.
//! 2. [`email_address`]: one address, parsed at the door and normalised once.
//! 3. [`allowlist`]: whom the operator lets in.
//! 4. [`signer`]: `SECRET_KEY`, and Django's `TimestampSigner`.
//! 5. [`login_link`]: the token in the mailed link: [`login_link::mint`], [`login_link::url`], [`login_link::read`].
//! 6. [`challenge`]: what ties a login to the browser that asked, and makes it one-time; [`operator_link`]: the token in a
//!    link that the operator makes by hand.
//! 7. [`login_code`]: the eight digits for whoever reads mail on another device.
//! 8. [`reference_word`]: by which one of several mails is found.
//! 9. [`sign_in`]: one login; it knows its link, its code, its word and its end.
//! 10. [`return_path`]: where the visitor goes afterwards, never to another site.
//! 11. [`plain_path`]: which paths everybody reads alike.
//! 12. [`mail_provider`]: where people read their mail, and what they mistype.
//! 13. [`client_network`]: where a request comes from.
//! 14. [`device`]: which browser a request comes from, in words.
//! 15. [`limit`]: how often something may happen.
//! 16. [`colour`]: whether one colour can be read on another.
//! 17. [`gateway`]: the apps behind this login, who may open each, and what of them is public.

pub mod allowlist;
pub mod budget;
pub mod challenge;
pub mod client_network;
pub mod colour;
pub mod device;
pub mod email_address;
pub mod gateway;
pub mod known_browser;
pub mod limit;
pub mod login_code;
pub mod login_link;
pub mod mail_provider;
pub mod operator_link;
pub mod plain_path;
pub mod reference_word;
pub mod return_path;
pub mod sign_in;
pub mod signer;
pub mod unix_time;

pub use allowlist::{Allowlist, Changes, MalformedEntry};
pub use budget::{Budget, Limits, Priority, Spender};
pub use challenge::{Challenge, HashedChallenge};
pub use client_network::ClientNetwork;
pub use colour::{Colour, MalformedColour};
pub use device::Device;
pub use email_address::{AddressFault, EmailAddress};
pub use gateway::{App, Gateway, Origin, OriginFault};
pub use known_browser::KnownBrowser;
pub use limit::{Limit, MalformedLimit};
pub use login_code::{LoginCode, MalformedCode};
pub use login_link::{LinkClaim, LinkError, LinkToken, QUERY_VALUE};
pub use mail_provider::{InboxLink, InboxLinkFault, InboxLinks};
pub use reference_word::ReferenceWord;
pub use return_path::{ForeignPath, ReturnPath};
pub use sign_in::SignIn;
pub use signer::{SecretKey, SecretKeys, SignatureError, TimestampSigner};
pub use unix_time::UnixTime;
