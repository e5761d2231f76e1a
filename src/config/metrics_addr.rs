//! METRICS_ADDR: where the metrics are told, beside the site and never on it.

use std::net::SocketAddr;

use super::{
    reader::{Noted, Reader},
    settings,
};

/// The address, if there is one. `site_addr`: that of the site.
///
/// # Errors
/// Notes what is no address, and what the site would listen on too: whoever can open the site would read them.
pub fn read(reader: &mut Reader, site_addr: Result<SocketAddr, Noted>) -> Result<Option<SocketAddr>, Noted> {
    if reader.text(settings::METRICS_ADDR).is_none() {
        return Ok(None);
    }
    let fix = "write an IP address and a port that nobody else reaches, like 127.0.0.1:9464";
    let address: SocketAddr = reader.parsed(settings::METRICS_ADDR, fix, |text| text.parse().ok())?;
    let is_same = |site: SocketAddr| {
        let (ours, sites) = (address.ip(), site.ip());
        // One that stands for all addresses of the machine stands for the other one, too.
        address.port() == site.port() && (ours == sites || ours.is_unspecified() || sites.is_unspecified())
    };
    if site_addr.is_ok_and(is_same) {
        let problem = "is the address of the site, LEPTOS_SITE_ADDR: every visitor would read the metrics";
        return Err(reader.note(settings::METRICS_ADDR, problem, "choose another port, like 127.0.0.1:9464"));
    }
    Ok(Some(address))
}
