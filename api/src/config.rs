//! Everything that can be set, read once: from the command line, the environment, one optional file, in this order.

use std::{
    collections::BTreeMap, fmt, net::SocketAddr, ops::RangeInclusive, path::PathBuf, str::FromStr,
    time::Duration,
};

use daybook_gateways::{SecretString, Url, paypal, stripe};

use crate::{
    checkout::GatewaySettings,
    notices::{Attempts, Destination},
    tickets::TicketSecret,
};

/// A text that nothing prints.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// All settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where other processes reach this one; the listening address unless said otherwise.
    pub advertise: Option<String>,
    /// Where the private PostgreSQL and the administrator's key are kept.
    pub data_dir: PathBuf,
    /// The database; without one, a private PostgreSQL is started in the data directory.
    pub database_url: Option<Secret>,
    /// What is logged, as `tracing` filters have it.
    pub log: String,
    /// How many requests a second an API key may send; 0 for any number.
    pub rate_limit: u32,
    /// How many commands may wait for the log.
    pub queue_capacity: usize,
    /// How many megabytes of aggregates are kept in memory.
    pub cache_mb: usize,
    /// How long a request may take until its answer begins.
    pub request_timeout: Duration,
    /// What codes of tickets are made with, the newest first; without any, the database keeps one.
    pub ticket_keys: Vec<TicketSecret>,
    /// Where notices to customers go.
    pub notices: Destination,
    /// How often and how soon a notice is tried again.
    pub notice_attempts: Attempts,
    /// Who moves money; nobody does, and payments are simulated, where nothing is set.
    pub gateways: GatewaySettings,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A setting has a value that it cannot have.
    #[error("{place}: `{value}` is not {expected}")]
    Value {
        /// The variable at fault, or the file and the field in it.
        place: String,
        /// What it holds; `…` where that may be a secret.
        value: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// The file cannot be read.
    #[error("DAYBOOK_CONFIG: {path} cannot be read: {cause}")]
    File {
        /// Which file.
        path: String,
        /// Why.
        cause: String,
    },
    /// The file holds a setting that does not exist.
    #[error("DAYBOOK_CONFIG: {path}: there is no setting `{field}`")]
    Unknown {
        /// Which file.
        path: String,
        /// What it calls the setting.
        field: String,
    },
}

const LISTEN: &str = "DAYBOOK_LISTEN";
const ADVERTISE: &str = "DAYBOOK_ADVERTISE";
const DATA_DIR: &str = "DAYBOOK_DATA_DIR";
const DATABASE_URL: &str = "DATABASE_URL";
const LOG: &str = "DAYBOOK_LOG";
const RATE_LIMIT: &str = "DAYBOOK_RATE_LIMIT";
const QUEUE_CAPACITY: &str = "DAYBOOK_QUEUE_CAPACITY";
const CACHE_MB: &str = "DAYBOOK_CACHE_MB";
const REQUEST_TIMEOUT_MS: &str = "DAYBOOK_REQUEST_TIMEOUT_MS";
const TICKET_KEY: &str = "DAYBOOK_TICKET_KEY";
const NOTICES: &str = "DAYBOOK_NOTICES";
const NOTICE_ATTEMPTS: &str = "DAYBOOK_NOTICE_ATTEMPTS";
const NOTICE_RETRY_MS: &str = "DAYBOOK_NOTICE_RETRY_MS";
const STRIPE_KEY: &str = "DAYBOOK_STRIPE_KEY";
const STRIPE_PUBLISHABLE_KEY: &str = "DAYBOOK_STRIPE_PUBLISHABLE_KEY";
const STRIPE_WEBHOOK_SECRETS: &str = "DAYBOOK_STRIPE_WEBHOOK_SECRETS";
const STRIPE_URL: &str = "DAYBOOK_STRIPE_URL";
const PAYPAL_CLIENT_ID: &str = "DAYBOOK_PAYPAL_CLIENT_ID";
const PAYPAL_SECRET: &str = "DAYBOOK_PAYPAL_SECRET";
const PAYPAL_WEBHOOK_ID: &str = "DAYBOOK_PAYPAL_WEBHOOK_ID";
const PAYPAL_URL: &str = "DAYBOOK_PAYPAL_URL";
const PAYMENT_RETURN_URL: &str = "DAYBOOK_PAYMENT_RETURN_URL";
const APPLE_PAY_DOMAIN_FILE: &str = "DAYBOOK_APPLE_PAY_DOMAIN_FILE";
const RECONCILE_HOURS: &str = "DAYBOOK_RECONCILE_HOURS";

/// The settings by the names they have in the environment; in the file they are lower-case.
const NAMES: [&str; 24] = [
    LISTEN,
    ADVERTISE,
    DATA_DIR,
    DATABASE_URL,
    LOG,
    RATE_LIMIT,
    QUEUE_CAPACITY,
    CACHE_MB,
    REQUEST_TIMEOUT_MS,
    TICKET_KEY,
    NOTICES,
    NOTICE_ATTEMPTS,
    NOTICE_RETRY_MS,
    STRIPE_KEY,
    STRIPE_PUBLISHABLE_KEY,
    STRIPE_WEBHOOK_SECRETS,
    STRIPE_URL,
    PAYPAL_CLIENT_ID,
    PAYPAL_SECRET,
    PAYPAL_WEBHOOK_ID,
    PAYPAL_URL,
    PAYMENT_RETURN_URL,
    APPLE_PAY_DOMAIN_FILE,
    RECONCILE_HOURS,
];

/// A value and where it was found.
#[derive(Debug)]
struct Found {
    value: String,
    place: String,
}

/// Values by name; what stands on the command line hides the environment, and that hides the file.
#[derive(Debug, Default)]
pub struct Sources {
    values: BTreeMap<&'static str, Found>,
}

impl Sources {
    /// What the command line says.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.values.insert(name, Found { value, place: name.to_owned() });
        }
        self
    }

    /// Adds what is not set yet from an environment, and from the file that it names.
    pub fn complete(
        mut self,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        for name in NAMES {
            if let Some(value) = environment(name).filter(|value| !value.is_empty()) {
                let found = Found { value, place: name.to_owned() };
                self.values.entry(name).or_insert(found);
            }
        }
        if let Some(path) = environment("DAYBOOK_CONFIG").filter(|path| !path.is_empty()) {
            let text = std::fs::read_to_string(&path).map_err(|error| ConfigError::File {
                path: path.clone(),
                cause: error.to_string(),
            })?;
            self.add_file(&path, &text)?;
        }
        Ok(self)
    }

    fn add_file(&mut self, path: &str, text: &str) -> Result<(), ConfigError> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let cause = format!("line {line}: {}", error.message());
            ConfigError::File { path: path.to_owned(), cause }
        })?;
        for (field, value) in table {
            let name = NAMES.into_iter().find(|name| {
                let short = name.strip_prefix("DAYBOOK_").unwrap_or(name);
                field.eq_ignore_ascii_case(name) || field.eq_ignore_ascii_case(short)
            });
            let Some(name) = name else {
                return Err(ConfigError::Unknown { path: path.to_owned(), field });
            };
            let place = format!("DAYBOOK_CONFIG: {path}: {field}");
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Integer(number) => number.to_string(),
                other @ (toml::Value::Float(_)
                | toml::Value::Boolean(_)
                | toml::Value::Datetime(_)
                | toml::Value::Array(_)
                | toml::Value::Table(_)) => {
                    let value = shown(name, &other.to_string());
                    let expected = "a text or a whole number";
                    return Err(ConfigError::Value { place, value, expected });
                }
            };
            self.values.entry(name).or_insert(Found { value, place });
        }
        Ok(())
    }

    fn text(&self, name: &'static str) -> Option<String> {
        self.values.get(name).map(|found| found.value.clone())
    }

    /// The value if it is fit, `None` if there is none.
    fn fit<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(Found { value, place }) = self.values.get(name) else { return Ok(None) };
        let unfit = || {
            let (place, value) = (place.clone(), shown(name, value));
            ConfigError::Value { place, value, expected }
        };
        read(value).map(Some).ok_or_else(unfit)
    }

    fn parsed<T: FromStr>(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, ConfigError> {
        self.fit(name, expected, |value| value.parse().ok())
    }

    fn within<T: FromStr + PartialOrd>(
        &self,
        name: &'static str,
        range: &RangeInclusive<T>,
        expected: &'static str,
    ) -> Result<Option<T>, ConfigError> {
        let inside = |number: &T| range.contains(number);
        self.fit(name, expected, |value| value.parse().ok().filter(inside))
    }
}

/// A value as a message may repeat it: the URL of a database may hold a password, and the key of tickets is a secret.
fn shown(name: &str, value: &str) -> String {
    let secret = [DATABASE_URL, TICKET_KEY, STRIPE_KEY, STRIPE_WEBHOOK_SECRETS, PAYPAL_SECRET];
    if secret.contains(&name) { "…".to_owned() } else { value.to_owned() }
}

/// How often and how soon a notice is tried again.
fn attempts(sources: &Sources) -> Result<Attempts, ConfigError> {
    let most = sources.within(NOTICE_ATTEMPTS, &(1..=100), "a number from 1 to 100")?;
    let pause = sources.within(
        NOTICE_RETRY_MS,
        &(1..=3_600_000),
        "a number of milliseconds from 1 to 3600000",
    )?;
    let pause = Duration::from_millis(pause.unwrap_or(5_000));
    Ok(Attempts { most: most.unwrap_or(8), pause })
}

/// Who moves money: each provider needs all of its settings, or none.
fn gateways(sources: &Sources) -> Result<GatewaySettings, ConfigError> {
    let url =
        |name| sources.fit(name, "a URL that begins with `https://`", |text| Url::parse(text).ok());
    let stripe = together(sources, [STRIPE_KEY, STRIPE_WEBHOOK_SECRETS])?.map(|[key, secrets]| {
        let secrets = secrets.split(',').map(str::trim).filter(|secret| !secret.is_empty());
        let webhook_secrets = secrets.map(|secret| SecretString::from(secret.to_owned())).collect();
        (SecretString::from(key), webhook_secrets)
    });
    let stripe_at = url(STRIPE_URL)?.or_else(|| Url::parse("https://api.stripe.com").ok());
    let stripe = stripe.zip(stripe_at);
    let stripe = stripe.map(|((api_key, webhook_secrets), base)| stripe::Settings {
        base,
        api_key,
        webhook_secrets,
    });
    let paypal = together(sources, [PAYPAL_CLIENT_ID, PAYPAL_SECRET, PAYPAL_WEBHOOK_ID])?;
    let paypal_at = url(PAYPAL_URL)?.or_else(|| Url::parse("https://api-m.paypal.com").ok());
    let paypal = paypal.zip(paypal_at);
    let paypal = paypal.map(|([client_id, secret, webhook_id], base)| paypal::Settings {
        base,
        client_id,
        secret: SecretString::from(secret),
        webhook_id,
    });
    let hours = sources.within(RECONCILE_HOURS, &(0..=720), "a number of hours from 0 to 720")?;
    Ok(GatewaySettings {
        stripe,
        publishable_key: sources.text(STRIPE_PUBLISHABLE_KEY),
        paypal,
        return_url: url(PAYMENT_RETURN_URL)?,
        reconcile_hours: hours.unwrap_or(24),
        apple_pay_domain_file: sources.text(APPLE_PAY_DOMAIN_FILE).map(PathBuf::from),
    })
}

/// Settings that are of no use without each other.
fn together<const N: usize>(
    sources: &Sources,
    names: [&'static str; N],
) -> Result<Option<[String; N]>, ConfigError> {
    let found = names.map(|name| sources.text(name));
    let missing = names.iter().zip(&found).find(|(_, found)| found.is_none());
    match (missing, found.iter().any(Option::is_some)) {
        (_, false) => Ok(None),
        (None, true) => Ok(Some(found.map(Option::unwrap_or_default))),
        (Some((name, _)), true) => Err(ConfigError::Value {
            place: (*name).to_owned(),
            value: String::new(),
            expected: "set, though others of the same provider are",
        }),
    }
}

impl Config {
    /// The settings, or the first one that cannot be used.
    pub fn try_new(sources: &Sources) -> Result<Self, ConfigError> {
        let size = |name| sources.within(name, &(1..=1_000_000), "a number from 1 to 1000000");
        let listen = sources.parsed(LISTEN, "an address such as `127.0.0.1:8080`")?;
        let advertise = sources.fit(ADVERTISE, "a URL such as `http://10.0.0.5:8080`", |url| {
            (url.starts_with("http://") || url.starts_with("https://")).then(|| url.to_owned())
        })?;
        let database_url =
            sources.fit(DATABASE_URL, "a URL that begins with `postgres://`", |url| {
                let fits = url.starts_with("postgres://") || url.starts_with("postgresql://");
                fits.then(|| Secret::new(url))
            })?;
        let log =
            sources.fit(LOG, "a filter such as `info` or `info,daybook=debug`", |filter| {
                let fits = filter.parse::<tracing_subscriber::EnvFilter>().is_ok();
                fits.then(|| filter.to_owned())
            })?;
        let timeout = sources.within(
            REQUEST_TIMEOUT_MS,
            &(1..=600_000),
            "a number of milliseconds from 1 to 600000",
        )?;
        Ok(Self {
            listen: listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
            advertise,
            data_dir: sources.text(DATA_DIR).unwrap_or_else(|| ".daybook".to_owned()).into(),
            database_url,
            log: log.unwrap_or_else(|| "info,sqlx=warn".to_owned()),
            rate_limit: sources.parsed(RATE_LIMIT, "a whole number")?.unwrap_or(0),
            queue_capacity: size(QUEUE_CAPACITY)?.unwrap_or(4096),
            cache_mb: size(CACHE_MB)?.unwrap_or(128),
            request_timeout: Duration::from_millis(timeout.unwrap_or(10_000)),
            ticket_keys: sources
                .fit(TICKET_KEY, "keys of 64 hexadecimal digits, separated by commas", |keys| {
                    TicketSecret::list(keys)
                })?
                .unwrap_or_default(),
            notices: sources
                .parsed(NOTICES, "`off`, `console` or `file:` and a path")?
                .unwrap_or_default(),
            notice_attempts: attempts(sources)?,
            gateways: gateways(sources)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let value = |name: &str| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Config::try_new(&Sources::default().complete(value)?)
    }

    #[test]
    fn nothing_has_to_be_set() {
        let config = config(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.database_url, None);
    }

    #[test]
    fn a_bad_value_is_told_with_its_variable() {
        for (name, value) in [
            ("DAYBOOK_LISTEN", "here"),
            ("DAYBOOK_ADVERTISE", "10.0.0.5:8080"),
            ("DATABASE_URL", "mysql://root:hunter2@localhost"),
            ("DAYBOOK_LOG", "=?"),
            ("DAYBOOK_RATE_LIMIT", "-1"),
            ("DAYBOOK_QUEUE_CAPACITY", "0"),
            ("DAYBOOK_CACHE_MB", "much"),
            ("DAYBOOK_REQUEST_TIMEOUT_MS", "0"),
            ("DAYBOOK_TICKET_KEY", "hunter2"),
            ("DAYBOOK_NOTICES", "file:"),
            ("DAYBOOK_NOTICE_ATTEMPTS", "0"),
            ("DAYBOOK_NOTICE_RETRY_MS", "soon"),
            ("DAYBOOK_RECONCILE_HOURS", "daily"),
        ] {
            let error = config(&[(name, value)]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name}: ")), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_environment_hides_the_file_and_the_command_line_hides_both() {
        let file = tempfile();
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\nrate_limit = 7\ncache_mb = 9\n").unwrap();
        let path = file.display().to_string();
        let value = |name: &str| match name {
            "DAYBOOK_CONFIG" => Some(path.clone()),
            "DAYBOOK_RATE_LIMIT" => Some("8".to_owned()),
            "DAYBOOK_CACHE_MB" => Some("10".to_owned()),
            _ => None,
        };
        let sources = Sources::default().with("DAYBOOK_CACHE_MB", Some("11".to_owned()));
        let config = Config::try_new(&sources.complete(value).unwrap()).unwrap();
        std::fs::remove_file(file).unwrap();
        assert_eq!((config.listen.port(), config.rate_limit, config.cache_mb), (1, 8, 11));
    }

    fn from_file(text: &str) -> (String, String) {
        let file = tempfile();
        std::fs::write(&file, text).unwrap();
        let path = file.display().to_string();
        let error = config(&[("DAYBOOK_CONFIG", &path)]).unwrap_err().to_string();
        std::fs::remove_file(file).unwrap();
        (path, error)
    }

    #[test]
    fn the_file_may_hold_known_settings_only() {
        let (path, error) = from_file("lissten = \"127.0.0.1:1\"\n");
        assert_eq!(error, format!("DAYBOOK_CONFIG: {path}: there is no setting `lissten`"));
    }

    #[test]
    fn a_bad_value_in_the_file_is_told_with_file_and_field() {
        for (line, rest) in [
            ("cache_mb = 0", "cache_mb: `0` is not a number from 1 to 1000000"),
            ("rate_limit = \"fast\"", "rate_limit: `fast` is not a whole number"),
            ("rate_limit = 1.5", "rate_limit: `1.5` is not a text or a whole number"),
            (
                "database_url = [\"postgres://daybook:hunter2@db\"]",
                "database_url: `…` is not a text or a whole number",
            ),
        ] {
            let (path, error) = from_file(line);
            assert_eq!(error, format!("DAYBOOK_CONFIG: {path}: {rest}"));
        }
    }

    #[test]
    fn a_file_that_is_not_toml_is_told_with_the_line() {
        let (path, error) = from_file("cache_mb = 9\nlisten = here\n");
        let expected = format!("DAYBOOK_CONFIG: {path} cannot be read: line 2: ");
        assert!(error.starts_with(&expected), "{error}");
    }

    #[test]
    fn no_secret_is_printed() {
        let config = config(&[("DATABASE_URL", "postgres://daybook:hunter2@db/daybook")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    fn tempfile() -> PathBuf {
        std::env::temp_dir().join(format!("daybook-{}.toml", uuid::Uuid::now_v7()))
    }
}
