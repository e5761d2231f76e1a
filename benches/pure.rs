//! The costs of what touches neither disk nor network: signatures, the allowlist, budgets, and drawing a page.
//!
//! `cargo bench --no-default-features --features ssr`. What the whole server does is measured by script/bench.

use std::{hint::black_box, time::Duration};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use postern::{
    app::{
        page::{KnownPeople, Login, Page},
        pages::{Frame, LanguageChoice, write},
    },
    config::Brand,
    domain::{Allowlist, EmailAddress, Limit, SecretKey, SecretKeys, TimestampSigner, UnixTime, login_link},
    site::Site,
    words::Words,
};

const NOW: UnixTime = UnixTime::from_secs(1_790_000_000);
const AGE: Duration = Duration::from_secs(300);

fn signer(criterion: &mut Criterion) {
    let keys = SecretKeys::new(SecretKey::new("a key of at least thirty-two bytes"), Vec::new());
    let email = EmailAddress::parse("ada@example.com").expect("an address");
    criterion.bench_function("signer: mint a link", |bench| {
        bench.iter(|| login_link::mint(&keys, black_box(&email), NOW));
    });
    let signer = TimestampSigner::new(&keys, "bench");
    let (good, forged) =
        (signer.sign("ada@example.com", NOW), "ada@example.com:1xxxxx:".to_owned() + &"A".repeat(43));
    criterion
        .bench_function("signer: verify", |bench| bench.iter(|| signer.unsign(black_box(&good), NOW, AGE)));
    criterion.bench_function("signer: refuse a forgery", |bench| {
        bench.iter(|| signer.unsign(black_box(&forged), NOW, AGE));
    });
}

fn allowlist(criterion: &mut Criterion) {
    let list = |length: u32| -> Vec<_> {
        (0..length).map(|n| format!("person{n}@people{}.example.com", n % 50)).collect()
    };
    let (listed, stranger) = ("person7@people7.example.com", "eve@a.b.c.d.example.org");
    let [listed, stranger] = [listed, stranger].map(|text| EmailAddress::parse(text).expect("an address"));
    for length in [100, 200_000] {
        let entries = list(length);
        let allowlist = Allowlist::parse(&entries).expect("entries");
        criterion.bench_function(&format!("allowlist of {length}: listed"), |bench| {
            bench.iter(|| allowlist.allows(black_box(&listed)));
        });
        criterion.bench_function(&format!("allowlist of {length}: a stranger"), |bench| {
            bench.iter(|| allowlist.allows(black_box(&stranger)));
        });
    }
    let entries = list(10_000);
    criterion.bench_function("allowlist: read 10,000 entries", |bench| {
        bench.iter(|| Allowlist::parse(black_box(&entries)))
    });
}

fn budgets(criterion: &mut Criterion) {
    let limit = Limit::rate(600, Duration::from_secs(3_600));
    criterion.bench_function("budget: look and count", |bench| {
        bench.iter(|| {
            let arrival = black_box(limit).arrival(black_box(Some(1_790_000_100_000)), NOW);
            (limit.wait(arrival, 100, NOW), limit.used(arrival + limit.interval_ms(), NOW))
        });
    });
}

fn pages(criterion: &mut Criterion) {
    let site = Site {
        css: "/pkg/postern.css".into(),
        js: "/pkg/postern.js".into(),
        wasm: "/pkg/postern.wasm".into(),
    };
    let brand = Brand { name: "Postern".into(), logo: None, accent: None, support: None };
    let login = Page::Login(Login {
        on_its_way: None,
        typed: String::new(),
        known: KnownPeople { somebody_else: None, others: Vec::new() },
        leads_to: None,
        next: "/".into(),
        form: "a value".into(),
        notice: None,
        refused: None,
    });
    for (name, page) in [("/login", login), ("a page that is not there", Page::NotFound)] {
        criterion.bench_function(&format!("page: {name}"), |bench| {
            let frame = || Frame {
                site: &site,
                brand: &brand,
                reload: None,
                words: Words::default(),
                choice: LanguageChoice { offered: Words::all().collect(), here: "/login".into() },
            };
            bench.iter_batched(|| page.clone(), |page| write(&frame(), page), BatchSize::SmallInput);
        });
    }
}

criterion_group!(all, signer, allowlist, budgets, pages);
criterion_main!(all);
