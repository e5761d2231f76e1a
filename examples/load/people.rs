//! People who sign in: the page, the address, the mail, its link, and a look at what it opened. The way is that of a
//! browser, request by request, for each kind of server; scripts, styles and pictures are left out, and so are pages that a
//! redirect leads to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use hyper::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, mpsc::unbounded_channel, oneshot},
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::{
    Crowd, Failure, Times,
    browser::{Answer, Browser},
    sink::Mails,
};

const LONGEST_WAY_OF_A_MAIL: Duration = Duration::from_secs(60);
/// What a browser has from the page of Django's form; any will do, as long as cookie and form say the same.
const CSRF: &str = "csrfcsrfcsrfcsrfcsrfcsrfcsrfcsrf";

/// A server: how people sign in there, and where it is on this machine.
#[derive(Clone, Copy, Deserialize)]
pub struct Site {
    kind: Kind,
    port: u16,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Postern,
    Django,
    BetterAuth,
}

pub struct People {
    mails: Mails,
    seen: AtomicUsize,
}

impl People {
    pub fn new(mails: Mails) -> Self {
        Self { mails, seen: AtomicUsize::new(0) }
    }

    /// Everybody comes for the first time: with an address, a browser and a network that no server has seen.
    fn next(&self) -> (usize, String) {
        let number = self.seen.fetch_add(1, Ordering::Relaxed);
        (number, format!("person-{number}@example.com"))
    }

    /// A whole sign-in; gives the browser that is in.
    pub async fn sign_in(&self, site: Site) -> Result<Browser, Failure> {
        let (number, email) = self.next();
        let mut browser = Browser::new(site.port, number);
        expect("the sign-in page", StatusCode::OK, &browser.open("/login").await?)?;
        let mail = self.ask(site.kind, &mut browser, &email).await?;
        let link = arrived(mail, &email).await?;
        let path = link.strip_prefix(&format!("http://{}", browser.host())).ok_or("a link to elsewhere")?;
        let opened = browser.open(path).await?;
        match site.kind {
            // A page with a button: whoever looks at links before their reader does, consumes nothing.
            Kind::Postern => {
                expect("the link", StatusCode::OK, &opened)?;
                let token = path.split_once("token=").ok_or("a link without a token")?.1;
                let redeemed = browser.post("/api/redeem_link", true, format!("token={token}")).await?;
                expect("redeeming", StatusCode::OK, &redeemed)?;
                expect("a look", StatusCode::OK, &browser.open("/").await?)?;
            }
            Kind::Django => {
                expect("the link", StatusCode::FOUND, &opened)?;
                expect("a look", StatusCode::OK, &browser.open("/").await?)?;
            }
            Kind::BetterAuth => {
                expect("the link", StatusCode::FOUND, &opened)?;
                let looked = browser.open("/api/auth/get-session").await?;
                expect("a look", StatusCode::OK, &looked)?;
                if !String::from_utf8_lossy(&looked.body).contains(&email) {
                    return Err("the session is not that of this person".into());
                }
            }
        }
        Ok(browser)
    }

    /// Types an address and asks for a link; gives what will come of it.
    async fn ask(
        &self,
        kind: Kind,
        browser: &mut Browser,
        email: &str,
    ) -> Result<oneshot::Receiver<String>, Failure> {
        let mail = self.mails.next(email);
        let typed = email.replace('@', "%40");
        match kind {
            Kind::Postern => {
                let asked = browser.post("/api/request_link", true, format!("email={typed}")).await?;
                expect("asking", StatusCode::OK, &asked)?;
            }
            Kind::Django => {
                let csrf = browser.cookie_named("csrftoken").unwrap_or(CSRF).to_owned();
                browser.set_cookie("csrftoken", &csrf);
                let form = format!("email={typed}&csrfmiddlewaretoken={csrf}");
                expect("asking", StatusCode::FOUND, &browser.post("/login", false, form).await?)?;
            }
            Kind::BetterAuth => {
                let body = json!({ "email": email, "callbackURL": "/" }).to_string();
                expect(
                    "asking",
                    StatusCode::OK,
                    &browser.post_json("/api/auth/sign-in/magic-link", body).await?,
                )?;
            }
        }
        Ok(mail)
    }

    /// Asks and asks, over connections that stay. Waits at the end until every mail is there, so that nothing of it is left
    /// for whoever is next.
    pub async fn asks(self: &Arc<Self>, crowd: Crowd) -> Result<Value, Failure> {
        let Crowd { site, at_a_time, seconds, most } = crowd;
        let (taken, mut owed) = unbounded_channel();
        let browsers = (0..at_a_time).map(|_| Mutex::new(Browser::new(site.port, 0)));
        let browsers: Arc<[_]> = browsers.collect();
        let times = self.crowd(at_a_time, Duration::from_secs_f64(seconds), most, move |people, place| {
            let (browsers, taken) = (browsers.clone(), taken.clone());
            async move {
                let (number, email) = people.next();
                let mut browser = browsers[place].lock().await;
                browser.is_somebody_else(number);
                let mail = people.ask(site.kind, &mut browser, &email).await?;
                Ok(taken.send((email, mail))?)
            }
        });
        let (times, began) = (times.await?, Instant::now());
        while let Some((email, mail)) = owed.recv().await {
            arrived(mail, &email).await?;
        }
        let mut summary = times.summary();
        summary["last_mail_after"] = json!(began.elapsed().as_secs_f64());
        Ok(summary)
    }

    /// Does it with so many at a time, each in a place of their own, until that time is over or that many have begun. Those
    /// who have begun finish.
    pub async fn crowd<F: Future<Output = Result<(), Failure>> + Send + 'static>(
        self: &Arc<Self>,
        at_a_time: usize,
        time: Duration,
        most: usize,
        act: impl Fn(Arc<Self>, usize) -> F + Clone + Send + 'static,
    ) -> Result<Times, Failure> {
        let (began, begun) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
        let mut crowd = JoinSet::new();
        for place in 0..at_a_time {
            let (people, act, begun) = (self.clone(), act.clone(), begun.clone());
            crowd.spawn(async move {
                let mut each = Vec::new();
                while began.elapsed() < time && begun.fetch_add(1, Ordering::Relaxed) < most {
                    let start = Instant::now();
                    act(people.clone(), place).await?;
                    each.push(start.elapsed());
                }
                Ok::<_, Failure>(each)
            });
        }
        let mut each = Vec::new();
        while let Some(one) = crowd.join_next().await {
            each.extend(one??);
        }
        Ok(Times { each, over_all: began.elapsed() })
    }
}

async fn arrived(mail: oneshot::Receiver<String>, email: &str) -> Result<String, Failure> {
    let mail = timeout(LONGEST_WAY_OF_A_MAIL, mail).await;
    Ok(mail.map_err(|_| format!("no mail came for {email}"))??)
}

fn expect(what: &str, status: StatusCode, answer: &Answer) -> Result<(), Failure> {
    if answer.status == status {
        return Ok(());
    }
    let body = String::from_utf8_lossy(&answer.body);
    let shown: String = body.chars().take(200).collect();
    Err(format!("{what}: status {} instead of {status}, {} {shown}", answer.status, answer.location).into())
}
