//! The real Postfix takes the mails: STARTTLS, AUTH, a Maildir, and its defaults about addresses.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};

use postern::{
    domain::{Challenge, Device, EmailAddress, SignIn},
    mail::sign_in,
    words::Words,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::harness::{Browser, Log, Manner, PASSWORD, Postern, Postfix, USER, jump};

const ADA: &str = "ada@example.test";
/// With Postfix's defaults both are mailboxes at evil.test.
const ROUTES: [&str; 2] = ["stranger%evil.test@example.test", "evil.test!stranger@example.test"];
/// Longer than the longest first pause of a mail.
const A_WHILE: Duration = Duration::from_secs(3);

/// Longer than a connection waits for another mail.
const A_CONNECTION_WAITS: Duration = Duration::from_secs(31);

/// A Postern whose people are those at example.test.
async fn postern_with(postfix: &Postfix, more: &[(&str, &str)]) -> Postern {
    let settings = postfix.settings();
    let settings = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let people = ("CREDENTIALS", r#"["@example.test"]"#);
    let settings: Vec<_> = settings.chain([people]).chain(more.iter().copied()).collect();
    Postern::start_with(&settings).await
}

/// Tries in vain to send Ada's mail, which an ERROR has to explain with `advice`; gives what was logged.
async fn ask_in_vain(postern: &Postern, advice: &str) -> (Browser, String) {
    let ada = postern.browser(Manner::Fetch);
    ada.ask(ADA).await;
    let log = Log::listen();
    postern.deliver().await;
    let errors = log.errors();
    assert_eq!(errors.len(), 1, "{}", log.text());
    assert!(errors[0].contains("the mail server does not accept us"), "{errors:?}");
    assert!(errors[0].contains(advice), "{errors:?}");
    assert_eq!(postern.rows("outbox").await, 1);
    postern.wait(A_WHILE);
    (ada, log.text())
}

/// Sends what is due and signs Ada in by the mail that arrives.
async fn arrive(postern: &Postern, postfix: &Postfix, ada: &Browser) {
    postern.deliver().await;
    assert_eq!(postern.rows("outbox").await, 0);
    let mail = postfix.mail("example.test").await;
    assert_eq!(mail.to, ADA);
    ada.redeem_link(&mail.token()).await.assert_leads_to("/");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
}

#[tokio::test]
async fn a_whole_sign_in_goes_by_way_of_postfix() {
    let postfix = Postfix::start().await;
    let postern = postern_with(&postfix, &[]).await;
    let ada = postern.browser(Manner::Form);
    ada.ask(ADA).await;
    arrive(&postern, &postfix, &ada).await;
    // That TLS came first is Postfix's own rule here: smtpd_tls_auth_only.
    assert!(postfix.log().contains(&format!("sasl_method=PLAIN, sasl_username={USER}")), "{}", postfix.log());
}

#[tokio::test]
async fn a_mail_reaches_its_reader_whatever_postfix_offers_and_by_its_length_where_it_can() {
    for (without, told) in [
        ("", "mail=1 rcpt=1 bdat=1 quit=1"),
        ("chunking", "mail=1 rcpt=1 data=1 quit=1"),
        ("pipelining", "mail=1 rcpt=1 bdat=1 quit=1"),
        ("chunking, pipelining", "mail=1 rcpt=1 data=1 quit=1"),
    ] {
        let postfix = Postfix::without(without).await;
        let postern = postern_with(&postfix, &[]).await;
        let ada = postern.browser(Manner::Fetch);
        ada.ask(ADA).await;
        postern.deliver().await;
        let mail = postfix.mail("example.test").await;
        ada.redeem_link(&mail.token()).await.assert_leads_to("/");
        // It says what it was told when the connection ends.
        jump(A_CONNECTION_WAITS).await;
        postfix.says(told).await;
    }
}

#[tokio::test]
async fn the_headers_are_those_of_a_mail_that_a_machine_sent() {
    let postfix = Postfix::start().await;
    let postern = postern_with(&postfix, &[]).await;
    postern.browser(Manner::Fetch).ask(ADA).await;
    postern.deliver().await;
    let mail = postfix.mail("example.test").await;
    let (head, _) = mail.raw.split_once("\n\n").unwrap();
    let mut headers = BTreeMap::<String, Vec<String>>::new();
    for line in head.replace("\n\t", " ").replace("\n ", " ").lines() {
        let (name, value) = line.split_once(": ").unwrap();
        headers.entry(name.to_ascii_lowercase()).or_default().push(value.to_owned());
    }
    let one = |name: &str| match headers.get(name).map(Vec::as_slice) {
        Some([value]) => value.as_str(),
        other => panic!("{name}: {other:?}\n{head}"),
    };
    // RFC 5322, section 3.6: exactly one of each; RFC 2045, section 4; RFC 3834, section 5.
    assert_eq!((one("from"), one("to")), ("Postern <postern@example.test>", ADA));
    assert!(one("subject").starts_with("Sign-in code for "));
    assert!(one("date").ends_with(" +0000"), "{}", one("date"));
    let message_id = one("message-id").strip_prefix('<').and_then(|id| id.strip_suffix("@example.test>"));
    assert_eq!(message_id.map(str::len), Some(64));
    assert_eq!(one("mime-version"), "1.0");
    assert!(one("content-type").starts_with("multipart/alternative;"));
    assert_eq!(one("auto-submitted"), "auto-generated");
    assert_eq!(one("return-path"), "<postern@example.test>", "where a bounce goes");
    for absent in ["bcc", "cc", "sender", "reply-to", "list-unsubscribe"] {
        assert!(!headers.contains_key(absent), "{absent}");
    }
    // RFC 5322, section 2.1.1: lines should have 78 characters, and must have 998 at most. A Message-ID cannot be folded, and neither
    // can a link; the Received lines are Postfix's.
    for line in head.lines().filter(|line| !line.starts_with("Message-ID: ")) {
        assert!(line.len() <= 78, "{line}");
    }
    assert!(mail.raw.is_ascii() && mail.raw.lines().all(|line| line.len() <= 998));
    assert_eq!(mail.raw.matches("Content-Transfer-Encoding: 7bit").count(), 2, "{}", mail.raw);
    assert!(mail.raw.contains(&mail.link()), "{}", mail.raw);
}

#[tokio::test]
async fn a_mail_outlives_a_wrong_password_and_the_restart_that_mends_it() {
    let postfix = Postfix::start().await;
    let wrong = "not the password";
    let postern = postern_with(&postfix, &[("EMAIL_HOST_PASSWORD", wrong)]).await;
    let (ada, log) = ask_in_vain(&postern, "EMAIL_HOST_PASSWORD").await;
    assert!(log.contains("535") && !log.contains(wrong), "{log}");
    let postern = postern.restart_with(&[("EMAIL_HOST_PASSWORD", PASSWORD)]).await;
    arrive(&postern, &postfix, &ada.at(postern.port())).await;
}

#[tokio::test]
async fn a_mail_outlives_a_certificate_that_nobody_vouches_for() {
    let postfix = Postfix::start().await;
    let settings = postfix.settings();
    let settings = settings.iter().filter(|(name, _)| name != "EMAIL_CA_FILE");
    let settings: Vec<_> = settings.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let postern =
        Postern::start_with(&[&settings[..], &[("CREDENTIALS", r#"["@example.test"]"#)]].concat()).await;
    let (ada, _) = ask_in_vain(&postern, "EMAIL_CA_FILE").await;
    let certificate = postfix.certificate().display().to_string();
    let postern = postern.restart_with(&[("EMAIL_CA_FILE", &certificate)]).await;
    arrive(&postern, &postfix, &ada.at(postern.port())).await;
}

/// Somebody between Postern and Postfix who says `more` in one breath with Postfix's answer to STARTTLS; the port where they are.
async fn meddler(postfix: &Postfix, more: &'static [u8]) -> u16 {
    let (listener, to) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), postfix.port);
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((here, _)) = listener.accept().await {
            let there = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
            let ((mut from_us, mut to_us), (mut from_them, mut to_them)) =
                (here.into_split(), there.into_split());
            tokio::spawn(async move { tokio::io::copy(&mut from_us, &mut to_them).await });
            tokio::spawn(async move {
                let (mut said, mut more) = (vec![0; 16_384], Some(more));
                while let Ok(length @ 1..) = from_them.read(&mut said).await {
                    let mut said = said[..length].to_vec();
                    if said.starts_with(b"220 2.0.0 Ready to start TLS") {
                        said.extend(more.take().unwrap_or_default());
                    }
                    to_us.write_all(&said).await.unwrap();
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn nothing_that_is_said_in_the_clear_counts_inside_tls() {
    let postfix = Postfix::start().await;
    for (more, arrives) in [(&b""[..], true), (b"250 mail.example.test\r\n", false)] {
        let port = meddler(&postfix, more).await.to_string();
        let postern = postern_with(&postfix, &[("EMAIL_PORT", &port)]).await;
        if arrives {
            let ada = postern.browser(Manner::Fetch);
            ada.ask(ADA).await;
            arrive(&postern, &postfix, &ada).await;
        } else {
            ask_in_vain(&postern, "EMAIL_USE_TLS").await;
            assert!(postfix.mails("example.test").is_empty());
        }
    }
}

#[tokio::test]
async fn an_address_that_postfix_takes_for_another_place_gets_no_mail() {
    let postfix = Postfix::start().await;
    let postern = postern_with(&postfix, &[]).await;
    for manner in [Manner::Form, Manner::Fetch] {
        for address in ROUTES {
            let stranger = postern.browser(manner);
            stranger
                .call("request_link", &[("email", address)])
                .await
                .assert_refused("malformed_address", 422);
        }
    }
    postern.deliver().await;
    assert_eq!(postern.rows("outbox").await, 0);
    assert!(!postfix.log().contains("client="), "no mail was submitted: {}", postfix.log());

    // Asked without Postern in between, Postfix does deliver to evil.test: here a gap would be seen.
    for address in ROUTES {
        submit(&postfix, address).await;
        let mail = postfix.mail("evil.test").await;
        assert_eq!(mail.to, address);
    }
    assert!(postfix.mails("example.test").is_empty());
}

#[tokio::test]
async fn the_quickest_of_twenty_mails_waits_for_no_delayed_ack() {
    let postfix = Postfix::start().await;
    let postern = postern_with(&postfix, &[]).await;
    let sign_in = SignIn {
        email: EmailAddress::parse(ADA).unwrap(),
        issued_at: postern.state.clock.now(),
        challenge: Challenge::new(0, &mut postern::random::rng()),
    };
    let mail = sign_in::mail(&sign_in, Device::default(), Words::default(), &postern.state.config);
    // Pays for the connection, TLS and AUTH.
    postern.state.mail.send(&mail).await.unwrap();
    let mut times = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        postern.state.mail.send(&mail).await.unwrap();
        times.push(began.elapsed());
    }
    // Linux puts an ACK off for 40 ms. With that wait the quickest of twenty needed 44 ms, without it 2 ms.
    let quickest = times.iter().min().unwrap();
    assert!(*quickest < Duration::from_millis(40), "{times:?}");
}

/// Hands Postfix a mail to `address`, with the user and the password that Postern has.
async fn submit(postfix: &Postfix, address: &str) {
    let pem = std::fs::read(postfix.certificate()).unwrap();
    let tls = TlsParameters::builder("localhost".to_owned());
    let tls = tls.add_root_certificate(Certificate::from_pem(&pem).unwrap()).build().unwrap();
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("localhost")
        .port(postfix.port)
        .tls(Tls::Required(tls))
        .credentials(Credentials::new(USER.to_owned(), PASSWORD.to_owned()))
        .build();
    let mail = Message::builder()
        .from(USER.parse().unwrap())
        .to(address.parse().unwrap())
        .subject("A route")
        .body("To whom?\n".to_owned());
    transport.send(mail.unwrap()).await.unwrap();
}
