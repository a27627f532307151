//! The accounts: fixed, with codes that stand in the database and in answers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::payment::{Method, Provider};

/// Where money is that changed hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Till {
    /// With Stripe.
    Stripe,
    /// With PayPal.
    Paypal,
    /// With the provider that moves no money.
    Simulated,
    /// In the till of whoever renders the service.
    OnSite,
    /// In the bank account of whoever renders the service.
    BankTransfer,
    /// In the bank account that the operator pays partners from.
    Payouts,
}

impl Till {
    /// Where money comes to that is paid in a way, through a provider if online.
    pub fn of(method: Method, provider: Option<Provider>) -> Self {
        match (method, provider) {
            (Method::Card | Method::ApplePay | Method::Paypal, Some(provider)) => match provider {
                Provider::Stripe => Self::Stripe,
                Provider::Paypal => Self::Paypal,
                Provider::Simulated => Self::Simulated,
            },
            (Method::BankTransfer, _) => Self::BankTransfer,
            // whatever is paid online has a provider
            (Method::Cash | Method::Card | Method::ApplePay | Method::Paypal, _) => Self::OnSite,
        }
    }

    /// Whether it is the operator of the installation who has the money; otherwise whoever renders the service has it.
    pub fn is_the_operators(self) -> bool {
        match self {
            Self::Stripe | Self::Paypal | Self::Simulated | Self::Payouts => true,
            Self::OnSite | Self::BankTransfer => false,
        }
    }
}

/// An account of the ledger. Debits are positive: assets and expenses are usually above zero, liabilities and revenue
/// below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Account {
    /// What customers owe for services that were rendered, and for fees.
    Receivable,
    /// Money, by where it is.
    Cash(Till),
    /// Money of customers for services that are not rendered yet: a liability.
    Deposits,
    /// Money of customers beyond all they owe, to be given back: a liability.
    RefundsDue,
    /// What services earned, without taxes, on the day they were rendered.
    Revenue,
    /// What was kept for calling off, not coming and changing.
    CancellationFees,
    /// Taxes on services that were rendered: a liability of whoever sells.
    TaxPayable,
    /// What providers kept for moving money: an expense of the operator.
    ProviderFees,
    /// What banks took back in disputes that were lost, and nobody paid again: an expense.
    Chargebacks,
    /// What the operator earns by sales of partners.
    Commission,
    /// What the operator owes a partner; above zero it is the partner who owes.
    PartnerPayable,
    /// What of sales goes through the operator to the partner, and as commission to the operator: the other side of
    /// both.
    PartnerShare,
}

/// The text is the code of no account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no account `{0}`")]
pub struct UnknownAccount(String);

impl Account {
    /// All accounts, in the order of reports.
    pub const ALL: [Self; 17] = [
        Self::Receivable,
        Self::Cash(Till::Stripe),
        Self::Cash(Till::Paypal),
        Self::Cash(Till::Simulated),
        Self::Cash(Till::OnSite),
        Self::Cash(Till::BankTransfer),
        Self::Cash(Till::Payouts),
        Self::Deposits,
        Self::RefundsDue,
        Self::Revenue,
        Self::CancellationFees,
        Self::TaxPayable,
        Self::ProviderFees,
        Self::Chargebacks,
        Self::Commission,
        Self::PartnerPayable,
        Self::PartnerShare,
    ];

    /// The code of the account, in tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Receivable => "receivable",
            Self::Cash(Till::Stripe) => "cash:stripe",
            Self::Cash(Till::Paypal) => "cash:paypal",
            Self::Cash(Till::Simulated) => "cash:simulated",
            Self::Cash(Till::OnSite) => "cash:on_site",
            Self::Cash(Till::BankTransfer) => "cash:bank_transfer",
            Self::Cash(Till::Payouts) => "cash:payouts",
            Self::Deposits => "deposits",
            Self::RefundsDue => "refunds_due",
            Self::Revenue => "revenue",
            Self::CancellationFees => "cancellation_fees",
            Self::TaxPayable => "tax_payable",
            Self::ProviderFees => "provider_fees",
            Self::Chargebacks => "chargebacks",
            Self::Commission => "commission",
            Self::PartnerPayable => "partner_payable",
            Self::PartnerShare => "partner_share",
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Account {
    type Err = UnknownAccount;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|account| account.as_str() == code);
        known.ok_or_else(|| UnknownAccount(code.chars().take(64).collect()))
    }
}

impl From<Account> for &'static str {
    fn from(account: Account) -> Self {
        account.as_str()
    }
}

impl TryFrom<String> for Account {
    type Error = UnknownAccount;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        code.parse()
    }
}
