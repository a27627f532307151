//! Rules of the ledger.

mod examples;
mod laws;
mod world;

use super::{Account, Till};

#[test]
fn each_account_has_a_code_of_its_own() {
    for account in Account::ALL {
        assert_eq!(account.as_str().parse(), Ok(account));
        let stored = serde_json::to_string(&account).unwrap();
        assert_eq!(serde_json::from_str::<Account>(&stored).unwrap(), account);
    }
    assert_eq!(Account::Cash(Till::OnSite).as_str(), "cash:on_site");
    assert!("cash".parse::<Account>().is_err());
}
