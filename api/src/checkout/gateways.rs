//! The providers that are set up.

use std::{fmt, path::PathBuf, sync::Arc};

use daybook_domain::{
    payment::{Method, Provider},
    values::Currency,
};
use daybook_gateways::{
    Gateway, SecretString, SetupError, Url, paypal,
    paypal::PayPal,
    resilient::{Patience, Resilient},
    simulated::{Delivery, Simulated},
    stripe,
    stripe::Stripe,
};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::problem::Problem;

/// Which providers are to be used, and how.
#[derive(Clone, Debug, Default)]
pub struct GatewaySettings {
    /// Stripe, if it is set up.
    pub stripe: Option<stripe::Settings>,
    /// The key that clients of Stripe's need.
    pub publishable_key: Option<String>,
    /// PayPal, if it is set up.
    pub paypal: Option<paypal::Settings>,
    /// Where providers send customers back to.
    pub return_url: Option<Url>,
    /// Every how many hours payments are compared with the books of their providers; never, if zero.
    pub reconcile_hours: u32,
    /// The file by which Apple knows the site as a shop's.
    pub apple_pay_domain_file: Option<PathBuf>,
}

/// The providers that are set up; without any, a simulated one.
#[derive(Debug)]
pub(super) struct Gateways {
    all: Vec<Arc<dyn Gateway>>,
    pub(super) simulated: Option<Arc<Simulated>>,
    pub(super) publishable_key: Option<String>,
    pub(super) return_url: Option<Url>,
}

/// Webhooks of the simulated provider.
pub(super) type Deliveries = UnboundedReceiver<Delivery>;

impl Gateways {
    /// Sets them up. Nothing is asked of them yet.
    pub(super) fn try_new(
        settings: &GatewaySettings,
    ) -> Result<(Self, Option<Deliveries>), SetupError> {
        let mut all: Vec<Arc<dyn Gateway>> = Vec::new();
        if let Some(stripe) = &settings.stripe {
            all.push(patient(Arc::new(Stripe::try_new(stripe)?)));
        }
        if let Some(paypal) = &settings.paypal {
            all.push(patient(Arc::new(PayPal::try_new(paypal)?)));
        }
        let (mut simulated, mut deliveries) = (None, None);
        if all.is_empty() {
            // nobody but this process signs with it, and nobody else has to check it
            let secret = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
            let (gateway, received) = Simulated::new(SecretString::from(secret));
            let gateway = Arc::new(gateway);
            all.push(patient(Arc::clone(&gateway) as Arc<dyn Gateway>));
            (simulated, deliveries) = (Some(gateway), Some(received));
        }
        let publishable_key = settings.publishable_key.clone();
        let return_url = settings.return_url.clone();
        Ok((Self { all, simulated, publishable_key, return_url }, deliveries))
    }

    /// Those that are set up.
    pub(super) fn providers(&self) -> impl Iterator<Item = Provider> {
        self.all.iter().map(|gateway| gateway.provider())
    }

    /// A provider, if it is set up.
    pub(super) fn get(&self, provider: Provider) -> Option<&Arc<dyn Gateway>> {
        self.all.iter().find(|gateway| gateway.provider() == provider)
    }

    /// Who moves the money: the provider that is asked for, or the first that takes it.
    pub(super) fn choose(
        &self,
        method: Method,
        currency: Currency,
        wanted: Option<Provider>,
    ) -> Result<Provider, Problem> {
        if let Some(provider) = wanted
            && self.get(provider).is_none()
        {
            let set_up = self.all.iter().map(|gateway| gateway.provider().as_str());
            let set_up = set_up.collect::<Vec<_>>().join(", ");
            let detail = format!("{} is not set up here; there is {set_up}", provider.as_str());
            return Err(Problem::bad_value("/provider", detail));
        }
        let asked = self
            .all
            .iter()
            .filter(|gateway| wanted.is_none_or(|wanted| gateway.provider() == wanted));
        let found = asked.into_iter().find(|gateway| gateway.takes(method, currency));
        found.map(|gateway| gateway.provider()).ok_or_else(|| {
            let detail = format!("no provider here takes {currency} by `{}`", method.as_str());
            Problem::bad_value("/method", detail)
        })
    }
}

fn patient(gateway: Arc<dyn Gateway>) -> Arc<dyn Gateway> {
    // the work list tries for hours; a single go should not keep a payment's other tasks waiting
    let patience = Patience { attempts: 2, ..Patience::default() };
    Arc::new(Resilient::new(gateway, patience))
}

impl fmt::Display for Gateways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.all.iter().map(|gateway| gateway.provider().as_str());
        f.write_str(&names.collect::<Vec<_>>().join(", "))
    }
}
