//! PUBLIC_URL: what cookies need of it, what proxies it needs, and who answers there.

use std::{io, sync::Arc, time::Duration};

use axum::{
    body::Body,
    http::{Request, Response, StatusCode, header},
};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{Findings, clock::Time};
use crate::{
    config::{Config, PublicUrl},
    domain::UnixTime,
};

const ABOUT: &str = "address";
/// How long whoever answers at PUBLIC_URL may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// A page that everybody may see, and that is refused under another host.
const PAGE: &str = "/login";

/// Looks at PUBLIC_URL and asks for a page there; what time it is for whoever answered.
pub async fn check(config: &Config, findings: &mut Findings) -> Option<Time> {
    let url = &config.public_url;
    cookies(config, findings);
    proxies(config, findings);
    let answer = timeout(PATIENCE, ask(url)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    match answer {
        Ok(answer) => {
            judge(url, answer.status(), findings);
            let date = answer.headers().get(header::DATE)?.to_str().ok()?;
            let now = httpdate(date)?;
            Some(Time { whose: "whoever answers at PUBLIC_URL", now })
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            findings.trouble(
                ABOUT,
                format!("{url} has a certificate that does not hold here ({error})"),
                "give the proxy a certificate for this name from an authority that browsers know; one of your own goes into \
                 /usr/local/share/ca-certificates, as a file ending in .crt, and then update-ca-certificates",
            );
            None
        }
        // Before the first start nobody does, and a machine need not reach its own public name.
        Err(error) => {
            findings.well(ABOUT, format!("Nobody was reached at {url} from here ({error})"));
            None
        }
    }
}

fn cookies(config: &Config, findings: &mut Findings) {
    let url = &config.public_url;
    if url.is_https() {
        findings.well(ABOUT, format!("Visitors come to {url}; cookies go by https only (__Host-, Secure)"));
    } else if config.is_production() {
        findings.trouble(
            ABOUT,
            format!(
                "Visitors come to {url}, and cookies and links cross the network in the clear (ALLOW_HTTP)"
            ),
            "use https, unless another layer encrypts all of the way",
        );
    } else {
        findings.well(ABOUT, format!("Visitors come to {url}, on this machine"));
    }
}

fn proxies(config: &Config, findings: &mut Findings) {
    let proxies = &config.trusted_proxies;
    if proxies.is_empty() && config.public_url.is_https() {
        findings.trouble(
            ABOUT,
            "PUBLIC_URL is https, so a proxy stands in front, and TRUSTED_PROXIES names none: all visitors share one limit",
            "set TRUSTED_PROXIES to the address from which the proxy comes, 127.0.0.1 on the same machine",
        );
    } else {
        findings.well(ABOUT, format!("Proxies whose word counts: {proxies}"));
    }
    for network in proxies.wide() {
        findings.trouble(
            ABOUT,
            format!(
                "TRUSTED_PROXIES names a wide network, {network}: whoever lives in it may write any address"
            ),
            "name the proxy itself",
        );
    }
}

fn judge(url: &PublicUrl, status: StatusCode, findings: &mut Findings) {
    match status.as_u16() {
        200 => findings.well(ABOUT, format!("The page to sign in was found at {url}{PAGE}")),
        421 => findings.trouble(
            ABOUT,
            format!("{url}{PAGE} says that it is another host (421)"),
            "have the proxy pass Host on as it came, with its port ($http_host in nginx), and see whether PUBLIC_URL is right",
        ),
        502..=504 => findings.trouble(
            ABOUT,
            format!("A proxy answers at {url}, and reaches no Postern behind it ({status})"),
            "start Postern, or correct the address that the proxy goes on to (LEPTOS_SITE_ADDR)",
        ),
        _ => findings.trouble(
            ABOUT,
            format!("{url}{PAGE} says {status}, where a page to sign in should be"),
            "see whether the proxy leads this host to Postern, with all of its paths",
        ),
    }
}

/// Asks for [`PAGE`].
///
/// # Errors
/// Those of the network; `InvalidData` for a certificate that does not hold.
async fn ask(url: &PublicUrl) -> io::Result<Response<Incoming>> {
    let origin = url.as_origin();
    let host = origin.host().trim_matches(['[', ']']).to_owned();
    let default = if url.is_https() { 443 } else { 80 };
    let port = url.authority().rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(default);
    let stream = TcpStream::connect((host.as_str(), port)).await?;
    if !url.is_https() {
        return talk(stream, url).await;
    }
    let name = ServerName::try_from(host).map_err(io::Error::other)?;
    talk(TlsConnector::from(Arc::new(tls()?)).connect(name, stream).await?, url).await
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    url: &PublicUrl,
) -> io::Result<Response<Incoming>> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    tokio::spawn(connection);
    let request = Request::get(PAGE)
        .header(header::HOST, url.authority())
        .header(header::USER_AGENT, concat!("postern-check/", env!("CARGO_PKG_VERSION")))
        .body(Body::empty())
        .map_err(io::Error::other)?;
    sender.send_request(request).await.map_err(io::Error::other)
}

/// TLS with the authorities of the system, as a browser has them.
fn tls() -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let tls = tls.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    Ok(tls.with_root_certificates(roots).with_no_client_auth())
}

/// A moment as HTTP writes it (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
fn httpdate(text: &str) -> Option<UnixTime> {
    // RFC 2822 differs in how it writes the zone.
    let text = text.trim().strip_suffix("GMT")?;
    let format = &time::format_description::well_known::Rfc2822;
    let moment = time::OffsetDateTime::parse(&format!("{text}+0000"), format).ok()?;
    Some(UnixTime::from_secs(moment.unix_timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read() {
        assert_eq!(httpdate("Sun, 06 Nov 1994 08:49:37 GMT"), Some(UnixTime::from_secs(784_111_777)));
        for wrong in ["", "GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06 GMT"] {
            assert_eq!(httpdate(wrong), None, "{wrong}");
        }
    }
}
