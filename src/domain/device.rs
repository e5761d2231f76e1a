//! The device of a visitor: browser and system, as people call them.
//!
//! They come from the User-Agent header, which anybody can write. So nothing of the header itself is ever shown: only
//! names of a closed list.
// woothee and not ua-parser: the latter compiles hundreds of patterns (0.2 s, tens of megabytes) for versions and models
// that nobody is told here. Browsers have kept these parts of the header as they are for years (RFC 9110, section 10.1.5,
// and the User-Agent reduction of Chromium), so the rules for the names hardly age.

use woothee::parser::Parser;

/// Browser and system, as far as both are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Device {
    /// The name of the browser, such as `Firefox`.
    pub browser: Option<&'static str>,
    /// The name of the system or, of Apple's, of the device: `Windows`, `Android`, `iPhone`.
    pub system: Option<&'static str>,
}

impl Device {
    /// Reads a User-Agent header.
    pub fn of(user_agent: &str) -> Self {
        match Parser::new().parse(user_agent) {
            Some(found) => Self { browser: browser(found.name), system: system(found.os) },
            None => Self::default(),
        }
    }

    /// The device with these names, as [`Self::of`] once gave them; any other name is none.
    pub fn named(browser: Option<&str>, system: Option<&str>) -> Self {
        let known = |list: &[&'static str], name: Option<&str>| {
            list.iter().copied().find(|known| name == Some(known))
        };
        Self { browser: known(&BROWSERS, browser), system: known(&SYSTEMS, system) }
    }

    /// Whether it is held in one hand.
    pub fn is_handheld(&self) -> bool {
        matches!(self.system, Some("Android" | "iOS" | "iPad" | "iPhone" | "iPod"))
    }
}

/// All names of browsers.
const BROWSERS: [&str; 9] = [
    "Chrome",
    "Edge",
    "Firefox",
    "Internet Explorer",
    "Opera",
    "Safari",
    "Samsung Internet",
    "Vivaldi",
    "Yandex Browser",
];
/// All names of systems.
const SYSTEMS: [&str; 10] =
    ["Android", "BSD", "ChromeOS", "Linux", "macOS", "iOS", "iPad", "iPhone", "iPod", "Windows"];

fn browser(name: &str) -> Option<&'static str> {
    Some(match name {
        "Chrome" => "Chrome",
        "Edge" => "Edge",
        "Firefox" => "Firefox",
        "Internet Explorer" => "Internet Explorer",
        "Opera" => "Opera",
        "Safari" => "Safari",
        "SamsungBrowser" => "Samsung Internet",
        "Vivaldi" => "Vivaldi",
        "Yandex Browser" => "Yandex Browser",
        _ => return None,
    })
}

fn system(name: &str) -> Option<&'static str> {
    Some(match name {
        "Android" => "Android",
        "BSD" => "BSD",
        "ChromeOS" => "ChromeOS",
        "Linux" => "Linux",
        "Mac OSX" => "macOS",
        "iOS" => "iOS",
        "iPad" => "iPad",
        "iPhone" => "iPhone",
        "iPod" => "iPod",
        // Browsers on Windows 11 say Windows 10, so a version would mislead.
        name if name.starts_with("Windows ") && !["Windows Phone OS", "Windows CE"].contains(&name) => {
            "Windows"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_is(browser: &'static str, system: &'static str, user_agent: &str) {
        let known = |name: &'static str| Some(name).filter(|name| !name.is_empty());
        let device = Device { browser: known(browser), system: known(system) };
        assert_eq!(Device::of(user_agent), device, "{user_agent}");
    }

    #[test]
    fn the_browsers_of_today_are_known_by_name() {
        let (webkit, gecko) = ("AppleWebKit/537.36 (KHTML, like Gecko)", "Gecko/20100101 Firefox/145.0");
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64";
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
        let iphone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
        let android = "Mozilla/5.0 (Linux; Android 10; K)";
        let chrome = "Chrome/142.0.0.0 Safari/537.36";
        let phone = "Chrome/142.0.0.0 Mobile Safari/537.36";
        assert_is("Chrome", "Windows", &format!("{windows}) {webkit} {chrome}"));
        assert_is("Edge", "Windows", &format!("{windows}) {webkit} {chrome} Edg/142.0.0.0"));
        assert_is("Opera", "Windows", &format!("{windows}) {webkit} {chrome} OPR/124.0.0.0"));
        assert_is("Firefox", "Windows", &format!("{windows}; rv:145.0) {gecko}"));
        assert_is("Firefox", "Linux", &format!("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) {gecko}"));
        assert_is(
            "Chrome",
            "ChromeOS",
            &format!("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {webkit} {chrome}"),
        );
        assert_is("Chrome", "macOS", &format!("{mac} {webkit} {chrome}"));
        let safari = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15";
        assert_is("Safari", "macOS", &format!("{mac} {safari}"));
        assert_is("Safari", "iPhone", &format!("{iphone} Version/26.0 Mobile/15E148 Safari/604.1"));
        assert_is("Chrome", "iPhone", &format!("{iphone} CriOS/142.0.0.0 Mobile/15E148 Safari/604.1"));
        assert_is("Firefox", "iPhone", &format!("{iphone} FxiOS/145.0 Mobile/15E148 Safari/605.1.15"));
        assert_is("Chrome", "Android", &format!("{android} {webkit} {phone}"));
        assert_is(
            "Firefox",
            "Android",
            "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
        );
        let samsung = format!("SamsungBrowser/29.0 {phone}");
        assert_is("Samsung Internet", "Android", &format!("{android} {webkit} {samsung}"));
    }

    #[test]
    fn what_is_not_known_has_no_name_and_nothing_of_the_header_is_shown() {
        assert_is("", "", "");
        assert_is("", "", "-");
        assert_is("", "", "curl/8.14.1");
        assert_is("", "", "Your account is locked: call 555 0100");
        assert_is("", "Linux", "Mozilla/5.0 (X11; Linux x86_64) Tests/1.0");
        assert_is("", "", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)");
        // The window of a mail program says which device it is on, and no more.
        assert_is(
            "",
            "iPhone",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15",
        );
    }

    #[test]
    fn a_name_that_was_kept_is_read_back_and_no_other_name_is() {
        // All that the parser calls them, as far as it matters here.
        let browsers =
            ["Chrome", "Edge", "Firefox", "Internet Explorer", "Opera", "Safari", "SamsungBrowser"];
        for name in browsers.into_iter().chain(["Vivaldi", "Yandex Browser"]) {
            let known = browser(name);
            assert!(known.is_some() && Device::named(known, None).browser == known, "{name}");
        }
        let systems = ["Android", "BSD", "ChromeOS", "Linux", "Mac OSX", "iOS", "iPad", "iPhone", "iPod"];
        for name in systems.into_iter().chain(["Windows 10"]) {
            let known = system(name);
            assert!(known.is_some() && Device::named(None, known).system == known, "{name}");
        }
        assert_eq!(Device::named(Some("<b>"), Some("call 555 0100")), Device::default());
    }
}
