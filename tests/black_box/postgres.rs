//! Several instances on one PostgreSQL, and a PostgreSQL that goes away. These claims run whatever the others run on.

mod backup;
mod statements;
mod tls;

use std::{
    fs,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use postern::{
    domain::UnixTime,
    server::workers::run_outbox,
    store::{StepFuture, StoreError, audit::Entry},
};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::harness::{
    ADA, Answer, BOB, Browser, Cable, Child, Cluster, Database, Loss, MailServer, Manner, PgBouncer, Postern,
    Reception, SECOND, Weather, new_database, postgres_program, shared_cluster,
};

/// What a balancer would show: the same for all instances.
const PUBLIC_URL: (&str, &str) = ("PUBLIC_URL", "http://127.0.0.1:3000");
/// So that a machine that has much to do fails no test; it is two seconds where there is nothing else to do.
const SOON: Duration = Duration::from_secs(20);

/// A database of a test's own. It goes with the folder.
struct Shared {
    url: String,
    _folder: TempDir,
}

impl Shared {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self { url: new_database(folder.path()), _folder: folder }
    }

    /// One more instance on it.
    async fn instance(&self, settings: &[(&str, &str)]) -> Postern {
        Postern::start_with(&[&[("DATABASE_URL", &*self.url), PUBLIC_URL], settings].concat()).await
    }

    async fn database(&self) -> Database {
        Database::open(&self.url, "".as_ref()).await
    }
}

/// The same browser, led to another instance.
fn led_to(browser: &Browser, instance: &Postern) -> Browser {
    browser.at(instance.port())
}

#[tokio::test]
async fn five_that_start_at_once_on_an_empty_database_all_come_up() {
    let shared = Shared::new();
    let instance = || shared.instance(&[]);
    let instances = tokio::join!(instance(), instance(), instance(), instance(), instance());
    let instances: [Postern; 5] = instances.into();
    let files = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres")).unwrap().count();
    assert_eq!(shared.database().await.count("_migrations").await, files as i64, "each file ran once");
    let ada = instances[0].browser(Manner::Fetch);
    ada.sign_in(&instances[0], ADA).await;
    for instance in &instances {
        assert_eq!(led_to(&ada, instance).whoami().await.as_deref(), Some(ADA));
    }
}

async fn what_is_asked_for_at_one_is_redeemed_at_another(manner: Manner) {
    let shared = Shared::new();
    let [one, two, three] =
        [shared.instance(&[]).await, shared.instance(&[]).await, shared.instance(&[]).await];
    for by_link in [true, false] {
        let ada = one.browser(manner);
        ada.ask(ADA).await;
        let mail = two.mail().await;
        let there = led_to(&ada, &three);
        let redeemed = if by_link {
            there.redeem_link(&mail.token()).await
        } else {
            there.redeem_code(&mail.code()).await
        };
        redeemed.assert_leads_to("/");
        assert_eq!(led_to(&ada, &two).whoami().await.as_deref(), Some(ADA));
        led_to(&ada, &three).call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
        assert_eq!(ada.whoami().await, None, "and the end of it counts everywhere");
    }
}

async fn wrong_codes_are_counted_over_all_instances(manner: Manner) {
    let shared = Shared::new();
    let instances = [shared.instance(&[]).await, shared.instance(&[]).await];
    let ada = instances[0].browser(manner);
    ada.ask(ADA).await;
    let mail = instances[1].mail().await;
    for n in 0..5 {
        let wrong = led_to(&ada, &instances[n as usize % 2]).redeem_code(&mail.wrong_code(n)).await;
        wrong.assert_refused("wrong_code", 422);
        assert_eq!(wrong.number(), 4 - u64::from(n));
    }
    for instance in &instances {
        led_to(&ada, instance).redeem_code(&mail.code()).await.assert_refused("code_locked", 429);
    }
    led_to(&ada, &instances[1]).redeem_link(&mail.token()).await.assert_leads_to("/");
}

async fn parallel_presses_at_two_instances_begin_one_session(manner: Manner) {
    let shared = Shared::new();
    let instances = [shared.instance(&[]).await, shared.instance(&[]).await];
    let ada = instances[0].browser(manner);
    ada.ask(ADA).await;
    let mail = instances[0].mail().await;
    let mut presses = JoinSet::new();
    for n in 0..16 {
        let (browser, mail) = (led_to(&ada.copy(), &instances[n % 2]), mail.clone());
        presses.spawn(async move {
            let redeemed = browser.redeem_link(&mail.token()).await;
            (redeemed.status == 200 || redeemed.location() == "/").then_some(browser)
        });
    }
    let let_in: Vec<_> = presses.join_all().await.into_iter().flatten().collect();
    assert!(!let_in.is_empty());
    let mut database = shared.database().await;
    assert_eq!(database.count("sessions WHERE email IS NOT NULL").await, 1, "one lives");
    let mut lives = 0;
    for browser in &let_in {
        lives += usize::from(browser.whoami().await.is_some());
    }
    assert_eq!(lives, 1, "the others ended unseen");
    for instance in &instances {
        led_to(&ada.copy(), instance).redeem_link(&mail.token()).await.assert_refused("used", 410);
        led_to(&ada.copy(), instance).redeem_code(&mail.code()).await.assert_refused("used", 410);
    }
}

in_both_manners!(
    what_is_asked_for_at_one_is_redeemed_at_another,
    wrong_codes_are_counted_over_all_instances,
    parallel_presses_at_two_instances_begin_one_session,
);

#[tokio::test]
async fn three_that_share_the_outbox_send_each_mail_once() {
    let (shared, server) = (Shared::new(), MailServer::start(&[]).await);
    let rule = [&[("CREDENTIALS", r#"["@example.com"]"#)], &server.settings()[..]].concat();
    let mut instances = Vec::new();
    for _ in 0..3 {
        instances.push(shared.instance(&rule).await);
    }
    let workers: Vec<_> =
        instances.iter().map(|instance| tokio::spawn(run_outbox(instance.state.clone()))).collect();
    let mut asking = JoinSet::new();
    for n in 0..30 {
        let browser = instances[n % 3].browser(Manner::Fetch);
        asking.spawn(async move { browser.ask(&format!("person{n}@example.com")).await });
    }
    asking.join_all().await;
    let mut reached = Vec::new();
    while reached.len() < 30 {
        reached.push(server.mail().await.to);
    }
    for (instance, worker) in instances.iter().zip(workers) {
        instance.state.stop.asked.cancel();
        instance.state.stop.answered.cancel();
        worker.await.unwrap();
    }
    assert_eq!(shared.database().await.count("outbox").await, 0);
    assert!(server.mails().is_empty(), "none came twice");
    reached.sort();
    reached.dedup();
    assert_eq!(reached.len(), 30);
}

#[tokio::test]
async fn what_a_dead_instance_had_in_its_hands_is_sent_by_another() {
    let (shared, server) = (Shared::new(), MailServer::start(&[Reception::Silence]).await);
    let [dying, heir] =
        [shared.instance(&server.settings()).await, shared.instance(&server.settings()).await];
    let ada = heir.browser(Manner::Fetch);
    ada.ask(ADA).await;
    let state = dying.state.clone();
    let in_vain = tokio::spawn(async move { postern::flow::login::deliver::deliver_due(&state).await });
    server.is_silent().await;
    in_vain.abort();
    let now = heir.state.clock.now();
    heir.state.store.beat().await.unwrap();
    assert_eq!(heir.state.store.take_over(now).await.unwrap(), 0, "it was heard of a moment ago");
    heir.deliver().await;
    assert!(server.mails().is_empty(), "it is in somebody's hands");

    let long_ago = "UPDATE instances SET beat_at = beat_at - 60";
    shared.database().await.run(long_ago).await;
    heir.state.store.beat().await.unwrap();
    assert_eq!(heir.state.store.take_over(now).await.unwrap(), 1, "nobody has heard of it for a minute");
    heir.deliver().await;
    ada.redeem_link(&server.mail().await.token()).await.assert_leads_to("/");
    assert!(server.mails().is_empty());
}

#[tokio::test]
async fn the_end_of_a_session_is_seen_by_the_checks_of_all_instances_within_a_second() {
    let shared = Shared::new();
    let apps = format!(r#"[{{"origin": "{}"}}]"#, PUBLIC_URL.1);
    let settings = [("TRUSTED_PROXIES", "127.0.0.1"), ("GATEWAY_APPS", &*apps)];
    let [one, two] = [shared.instance(&settings).await, shared.instance(&settings).await];
    let ada = one.browser(Manner::Fetch);
    ada.sign_in(&one, ADA).await;
    let check = async |instance: &Postern| {
        let request = led_to(&ada, instance).request(reqwest::Method::GET, "/auth/forward");
        let request = request
            .header("x-forwarded-proto", "http")
            .header("x-forwarded-host", "127.0.0.1:3000")
            .header("x-forwarded-uri", "/")
            .header("x-forwarded-method", "GET");
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!((check(&one).await, check(&two).await), (200, 200));
    let cookie = ada.copy();
    cookie.call("sign_out", &[]).await.assert_leads_to("/login?notice=signed_out");
    assert_eq!(check(&one).await, 401, "at once, where it ended");
    two.wait(SECOND);
    assert_eq!(check(&two).await, 401);
}

#[tokio::test]
async fn everything_works_through_a_pooler_that_gives_connections_away_after_each_transaction() {
    let shared = Shared::new();
    let pooler = PgBouncer::start(shared_cluster().port()).await;
    let through = pooler.url(&shared.url);
    let instances = [
        Postern::start_with(&[("DATABASE_URL", &through), PUBLIC_URL]).await,
        Postern::start_with(&[("DATABASE_URL", &through), PUBLIC_URL]).await,
    ];
    let mut logins = JoinSet::new();
    for n in 0..12 {
        let ada = instances[n % 2].browser(Manner::Fetch);
        logins.spawn(async move {
            for path in ["/login", "/", "/login"] {
                ada.open(path).await;
            }
            ada.ask(if n % 2 == 0 { ADA } else { BOB }).await;
            ada
        });
    }
    let people = logins.join_all().await;
    let mails = [instances[0].mails().await, instances[1].mails().await].concat();
    assert_eq!(mails.len(), 12);
    let mut signed_in = 0;
    for ada in &people {
        for mail in &mails {
            let there = led_to(ada, &instances[1]);
            signed_in += usize::from(there.redeem_link(&mail.token()).await.status == 200);
        }
        assert!(ada.whoami().await.is_some());
    }
    assert!(signed_in >= 12, "{signed_in}");
}

/// A Postern at the end of a cable, and somebody who has signed in there.
async fn at_a_cable(shared: &Shared) -> (Cable, Postern, Browser) {
    let cable = Cable::to(shared_cluster().port()).await;
    let postern = Postern::start_with(&[("DATABASE_URL", &cable.url(&shared.url)), PUBLIC_URL]).await;
    let ada = postern.browser(Manner::Form);
    ada.sign_in(&postern, ADA).await;
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    (cable, postern, ada)
}

/// Asks again until that is no longer answered with 503; how long it took.
async fn comes_back(ask: impl AsyncFn() -> Answer) -> Duration {
    let began = Instant::now();
    loop {
        let answer = ask().await;
        if answer.status != 503 {
            assert!(answer.status < 400, "{answer:?}");
            return began.elapsed();
        }
        assert!(began.elapsed() < SOON, "{answer:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn asks_for_bob(postern: &Postern) -> Answer {
    postern.browser(Manner::Fetch).call("request_link", &[("email", BOB)]).await
}

async fn refuses_and_comes_back(weather: Weather) {
    let shared = Shared::new();
    let (cable, postern, ada) = at_a_cable(&shared).await;
    let new = postern.browser(Manner::Form);
    new.ask(BOB).await;
    let mail = postern.mail().await;
    let first = postern.browser(Manner::Form);
    first.ask(ADA).await;
    first.redeem_link(&postern.mail().await.token()).await.assert_leads_to("/");
    cable.set(weather);
    // Many at once: none waits for the one before it.
    let began = Instant::now();
    let mut asking = JoinSet::new();
    for n in 0..60 {
        let (ada, stranger, new, first) =
            (ada.clone(), postern.browser(Manner::Form), new.clone(), first.clone());
        let token = mail.token();
        asking.spawn(async move {
            match n % 5 {
                0 => ada.open("/").await,
                1 => stranger.call("request_link", &[("email", ADA)]).await,
                2 => ada.call("sign_out", &[]).await,
                3 => new.redeem_link(&token).await,
                _ => first.open("/").await,
            }
        });
    }
    for answer in asking.join_all().await {
        answer.assert_refused("not_ready", 503);
        assert!(answer.text().contains("Something went wrong"), "{answer:?}");
        assert!(answer.headers.get("set-cookie").is_none(), "{answer:?}");
    }
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    assert_eq!(postern.browser(Manner::Fetch).fetch("/readyz").await.status, 503);
    assert_eq!(postern.browser(Manner::Fetch).fetch("/healthz").await.status, 200);
    assert_eq!(
        postern.browser(Manner::Form).open("/login").await.status,
        200,
        "what needs no database is there"
    );
    cable.set(Weather::Fair);
    let (read, written) = (comes_back(|| ada.open("/")).await, comes_back(|| asks_for_bob(&postern)).await);
    println!("{weather:?}: read again after {read:?}, written after {written:?}");
    assert_eq!(
        shared.database().await.count("sessions WHERE email IS NOT NULL").await,
        2,
        "nobody was let in or out"
    );
    new.redeem_link(&mail.token()).await.assert_leads_to("/");
}

#[tokio::test]
async fn a_database_that_is_cut_off_is_a_page_and_comes_back_by_itself() {
    refuses_and_comes_back(Weather::Cut).await;
}

#[tokio::test]
async fn a_database_that_is_frozen_is_a_page_and_comes_back_by_itself() {
    refuses_and_comes_back(Weather::Frozen).await;
}

#[tokio::test]
async fn a_postgresql_that_takes_no_writes_any_more_is_not_ready() {
    let cluster = Cluster::start(&[]);
    let settings = [("DATABASE_URL", &*cluster.url("postgres")), PUBLIC_URL];
    let postern = Postern::start_with(&settings).await;
    let browser = postern.browser(Manner::Fetch);
    let admin = cluster.connect("postgres").await;
    let becomes = async |status: u16, on_or_off: &str| {
        admin
            .execute(&format!("ALTER SYSTEM SET default_transaction_read_only = {on_or_off}"), &[])
            .await
            .unwrap();
        admin.execute("SELECT pg_reload_conf()", &[]).await.unwrap();
        let began = Instant::now();
        while browser.fetch("/readyz").await.status != status {
            assert!(began.elapsed() < SOON, "{on_or_off}: {status}");
        }
    };
    becomes(200, "off").await;
    becomes(503, "on").await;
    let (_, ready) = postern.inspect("/readyz").await;
    // The connection that is open says the one, each new one the other.
    let words = ["read-only transaction", "does not allow writes"];
    assert!(words.iter().any(|words| ready.contains(words)), "{ready}");
    asks_for_bob(&postern).await.assert_refused("not_ready", 503);
    becomes(200, "off").await;
    browser.sign_in(&postern, BOB).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_crashes_loses_nobody_who_was_let_in() {
    let mut cluster = Cluster::start(&["fsync = on", "synchronous_commit = on"]);
    let postern = Postern::start_with(&[("DATABASE_URL", &cluster.url("postgres")), PUBLIC_URL]).await;
    let (ada, bob) = (postern.browser(Manner::Fetch), postern.browser(Manner::Fetch));
    bob.ask(BOB).await;
    let mail = postern.mail().await;
    ada.sign_in(&postern, ADA).await;
    cluster.crash();
    ada.call("whoami", &[]).await.assert_refused("not_ready", 503);
    bob.redeem_link(&mail.token()).await.assert_refused("not_ready", 503);
    cluster.start_again();
    let back = comes_back(|| ada.call("whoami", &[])).await;
    println!("back after {back:?}");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA));
    bob.redeem_link(&mail.token()).await.assert_leads_to("/");
}

#[tokio::test]
async fn a_commit_is_done_once_whatever_of_it_is_lost() {
    let shared = Shared::new();
    let (cable, postern, _) = at_a_cable(&shared).await;
    for (n, loss) in [Loss::Commit, Loss::Answer, Loss::Answer, Loss::Commit].into_iter().enumerate() {
        cable.lose(loss);
        let noted = postern.state.store.step(move |step| -> StepFuture<'_, ()> {
            Box::pin(async move {
                let event = format!("test {n}");
                step.record(UnixTime::from_secs(0), &Entry { event: &event, ..Entry::default() }).await
            })
        });
        noted.await.unwrap();
        assert!(cable.has_lost(), "{loss:?}");
        let mut database = shared.database().await;
        assert_eq!(database.count(&format!("audit WHERE event = 'test {n}'")).await, 1, "{loss:?}");
    }
}

#[tokio::test]
async fn a_sign_in_whose_commit_is_lost_on_the_way_is_a_sign_in() {
    let shared = Shared::new();
    let (cable, postern, _) = at_a_cable(&shared).await;
    for loss in [Loss::Commit, Loss::Answer] {
        let bob = postern.browser(Manner::Fetch);
        bob.ask(BOB).await;
        let mail = postern.mail().await;
        let before = bob.copy();
        cable.lose(loss);
        bob.redeem_link(&mail.token()).await.assert_leads_to("/");
        assert!(cable.has_lost());
        assert_eq!(bob.whoami().await.as_deref(), Some(BOB));
        before.redeem_code(&mail.code()).await.assert_refused("used", 410);
    }
}

#[tokio::test]
async fn a_step_that_postgresql_undoes_for_another_is_run_again() {
    let shared = Shared::new();
    let postern = shared.instance(&[]).await;
    // Undone twice, as CockroachDB does where PostgreSQL would let it wait.
    let undo = "CREATE SEQUENCE undone; \
                CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                  IF nextval('undone') <= 2 THEN RAISE EXCEPTION 'restart transaction' USING ERRCODE = '40001'; END IF; \
                  RETURN NEW; END $$; \
                CREATE TRIGGER undo BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION undo()";
    shared.database().await.run(undo).await;
    let ada = postern.browser(Manner::Fetch);
    ada.ask(ADA).await;
    assert_eq!(shared.database().await.one::<i64>("SELECT last_value FROM undone").await, 3);
    assert_eq!(postern.rows("audit WHERE event = 'asked'").await, 1);
    ada.redeem_link(&postern.mail().await.token()).await.assert_leads_to("/");
}

#[tokio::test]
async fn an_instance_that_is_frozen_in_the_middle_of_a_step_holds_up_no_other() {
    let shared = Shared::new();
    let [frozen, other] = [shared.instance(&[]).await, shared.instance(&[]).await];
    let store = frozen.state.store.clone();
    let middle = Arc::new(tokio::sync::Notify::new());
    let reached = Arc::clone(&middle);
    let step = tokio::spawn(async move {
        let frozen = store.step(move |_| -> StepFuture<'_, ()> {
            Box::pin(async move {
                reached.notify_one();
                std::future::pending().await
            })
        });
        frozen.await
    });
    middle.notified().await;
    let ada = other.browser(Manner::Fetch);
    ada.ask(ADA).await;
    step.abort();
}

#[tokio::test]
async fn an_older_binary_runs_on_newer_tables_that_it_works_with_and_on_no_others() {
    let shared = Shared::new();
    let postern = shared.instance(&[]).await;
    let newer = |version: u32, works_with: &str| {
        format!(
            "INSERT INTO _migrations (version, works_with, checksum) VALUES ({version}, '{works_with}', '\\x00')"
        )
    };
    shared.database().await.run(&newer(9_998, "0.1.0")).await;
    let second = shared.instance(&[]).await;
    let ada = second.browser(Manner::Fetch);
    ada.sign_in(&second, ADA).await;
    shared.database().await.run(&newer(9_999, "999.0.0")).await;
    let refused = postern::store::Store::open(&postern.state.config.database_url).await;
    let Err(StoreError::Schema(why)) = refused else { panic!("{refused:?}") };
    assert!(why.contains("work with Postern 999.0.0 or newer"), "{why}");
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA), "whoever runs goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_taken_under_load_can_be_restored() {
    let (shared, restored) = (Shared::new(), Shared::new());
    let postern = shared.instance(&[("CREDENTIALS", r#"["@example.com"]"#)]).await;
    let before = postern.browser(Manner::Fetch);
    before.sign_in(&postern, ADA).await;
    assert_eq!(before.whoami().await.as_deref(), Some(ADA));
    let stop = CancellationToken::new();
    let (going_on, address) = (stop.clone(), postern.browser(Manner::Fetch));
    let load = tokio::spawn(async move {
        let mut asked = 0;
        while !going_on.is_cancelled() {
            Browser::new(address.port, PUBLIC_URL.1, Manner::Fetch)
                .ask(&format!("person{asked}@example.com"))
                .await;
            asked += 1;
        }
        asked
    });
    let url = shared.url.clone();
    let dump = tokio::task::spawn_blocking(move || {
        postgres_program("pg_dump").args(["--no-owner", "-d", &url]).current_dir("/").output().unwrap()
    });
    let dump = dump.await.unwrap();
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    stop.cancel();
    assert!(load.await.unwrap() > 0, "there was load");
    let mut psql = postgres_program("psql")
        .args(["-q", "-v", "ON_ERROR_STOP=1", "-d", &restored.url])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut psql.stdin.take().unwrap(), &dump.stdout).unwrap();
    assert!(psql.wait().unwrap().success());
    let after = restored.instance(&[]).await;
    let ada = led_to(&before, &after);
    assert_eq!(ada.whoami().await.as_deref(), Some(ADA), "whoever was in is in");
    let bob = after.browser(Manner::Fetch);
    bob.ask(BOB).await;
    let mail = after.mails().await.into_iter().find(|mail| mail.to == BOB).unwrap();
    bob.redeem_link(&mail.token()).await.assert_leads_to("/");
}

#[test]
fn the_password_of_the_database_is_never_said() {
    let folder = TempDir::new().unwrap();
    for (url, said) in [
        ("postgres://postern:hunter2secret@127.0.0.1:9/postern", "postgres://127.0.0.1:9/postern"),
        ("postgres://postern:hunter2secret@127.0.0.1:nine/postern", "DATABASE_URL"),
        ("postgres://postern:hunter2secret@127.0.0.1", "DATABASE_URL"),
    ] {
        let mut child = Child::start(
            folder.path(),
            &[
                ("DATABASE_URL", url),
                ("CREDENTIALS", r#"["ada@example.com"]"#),
                ("RUST_LOG", "trace"),
                ("LEPTOS_HASH_FILES", "false"),
            ],
        );
        assert!(!child.says(|line| line.contains("Postern is ready")), "{url}");
        let said_of_it = child.end();
        assert!(said_of_it.contains(said), "{said_of_it}");
        assert!(!said_of_it.contains("hunter2"), "{said_of_it}");
    }
}
