//! Everything that can be set, read once: from the command line, the environment, one optional file, in this order.

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, str::FromStr};

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
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable has a value that it cannot have.
    #[error("{name}: `{value}` is not {expected}")]
    Value {
        /// The variable at fault.
        name: &'static str,
        /// What it holds.
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
    #[error("DAYBOOK_CONFIG: there is no setting `{0}`")]
    Unknown(String),
}

/// The settings by the names they have in the environment; in the file they are lower-case.
const NAMES: [&str; 8] = [
    "DAYBOOK_LISTEN",
    "DAYBOOK_ADVERTISE",
    "DAYBOOK_DATA_DIR",
    "DATABASE_URL",
    "DAYBOOK_LOG",
    "DAYBOOK_RATE_LIMIT",
    "DAYBOOK_QUEUE_CAPACITY",
    "DAYBOOK_CACHE_MB",
];

/// Values by name; what stands on the command line hides the environment, and that hides the file.
#[derive(Debug, Default)]
pub struct Sources {
    values: BTreeMap<&'static str, String>,
}

impl Sources {
    /// What the command line says.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.values.insert(name, value);
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
                self.values.entry(name).or_insert(value);
            }
        }
        if let Some(path) = environment("DAYBOOK_CONFIG").filter(|path| !path.is_empty()) {
            let failed = |cause: String| ConfigError::File { path: path.clone(), cause };
            let text = std::fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
            self.add_file(&text, failed)?;
        }
        Ok(self)
    }

    fn add_file(
        &mut self,
        text: &str,
        failed: impl Fn(String) -> ConfigError,
    ) -> Result<(), ConfigError> {
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| failed(error.message().to_owned()))?;
        for (key, value) in table {
            let name = NAMES.into_iter().find(|name| {
                let short = name.strip_prefix("DAYBOOK_").unwrap_or(name);
                key.eq_ignore_ascii_case(name) || key.eq_ignore_ascii_case(short)
            });
            let name = name.ok_or(ConfigError::Unknown(key))?;
            let value = match value {
                toml::Value::String(text) => text,
                other => other.to_string(),
            };
            self.values.entry(name).or_insert(value);
        }
        Ok(())
    }

    fn parsed<T: FromStr>(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.values.get(name) else { return Ok(None) };
        match value.parse() {
            Ok(parsed) => Ok(Some(parsed)),
            Err(_) => Err(ConfigError::Value { name, value: value.clone(), expected }),
        }
    }
}

impl Config {
    /// The settings, or the first one that cannot be used.
    pub fn try_new(sources: &Sources) -> Result<Self, ConfigError> {
        let text = |name| sources.values.get(name).cloned();
        let listen = sources.parsed("DAYBOOK_LISTEN", "an address such as `127.0.0.1:8080`")?;
        let whole = "a whole number";
        let config = Self {
            listen: listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080))),
            advertise: text("DAYBOOK_ADVERTISE"),
            data_dir: text("DAYBOOK_DATA_DIR").unwrap_or_else(|| ".daybook".to_owned()).into(),
            database_url: text("DATABASE_URL").map(Secret::new),
            log: text("DAYBOOK_LOG").unwrap_or_else(|| "info,sqlx=warn".to_owned()),
            rate_limit: sources.parsed("DAYBOOK_RATE_LIMIT", whole)?.unwrap_or(0),
            queue_capacity: sources.parsed("DAYBOOK_QUEUE_CAPACITY", whole)?.unwrap_or(4096),
            cache_mb: sources.parsed("DAYBOOK_CACHE_MB", whole)?.unwrap_or(128),
        };
        config.checked()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        let wrong = |name, value: String, expected| ConfigError::Value { name, value, expected };
        if let Some(url) = &self.advertise
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            let expected = "a URL such as `http://10.0.0.5:8080`";
            return Err(wrong("DAYBOOK_ADVERTISE", url.clone(), expected));
        }
        if let Some(url) = &self.database_url
            && !(url.reveal().starts_with("postgres://")
                || url.reveal().starts_with("postgresql://"))
        {
            // The value may hold a password: it is not repeated.
            let expected = "a URL that begins with `postgres://`";
            return Err(wrong("DATABASE_URL", "…".to_owned(), expected));
        }
        if !(1..=1_000_000).contains(&self.queue_capacity) {
            let expected = "a number from 1 to 1000000";
            return Err(wrong("DAYBOOK_QUEUE_CAPACITY", self.queue_capacity.to_string(), expected));
        }
        if !(1..=1_000_000).contains(&self.cache_mb) {
            let expected = "a number from 1 to 1000000";
            return Err(wrong("DAYBOOK_CACHE_MB", self.cache_mb.to_string(), expected));
        }
        if self.log.parse::<tracing_subscriber::EnvFilter>().is_err() {
            let expected = "a filter such as `info` or `info,daybook=debug`";
            return Err(wrong("DAYBOOK_LOG", self.log, expected));
        }
        Ok(self)
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

    #[test]
    fn the_file_may_hold_known_settings_only() {
        let file = tempfile();
        std::fs::write(&file, "lissten = \"127.0.0.1:1\"\n").unwrap();
        let error = config(&[("DAYBOOK_CONFIG", &file.display().to_string())]).unwrap_err();
        std::fs::remove_file(file).unwrap();
        assert_eq!(error.to_string(), "DAYBOOK_CONFIG: there is no setting `lissten`");
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
