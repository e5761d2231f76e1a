//! Devices in words.

use super::Words;
use crate::domain::Device;

impl Words {
    /// A device: "Firefox on Linux", or as much of it as is known.
    pub fn device(self, device: Device) -> String {
        match (device.browser, device.system) {
            (Some(browser), Some(system)) => self.device_browser_on_system(browser, system),
            (Some(browser), None) => browser.to_owned(),
            (None, Some(system)) => self.device_system(system),
            (None, None) => self.device_unknown().to_owned(),
        }
    }
}
