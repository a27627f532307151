//! API keys: who may call. The database keeps a digest of each; every process keeps them all in memory.

use std::{
    collections::HashMap,
    fmt::{self, Write as _},
    sync::Arc,
    time::{Duration, Instant},
};

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use daybook_event_store::StoreError;
use parking_lot::{Mutex, RwLock};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::{PgPool, Row, postgres::PgRow};
use uuid::Uuid;

/// How often all keys are read again: so soon a key revoked elsewhere ends here.
const REFRESH: Duration = Duration::from_secs(2);
/// How often an unknown key may make us look into the database.
const LOOK: Duration = Duration::from_secs(1);

/// One thing a key may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Everything.
    Admin,
    /// Commands.
    Book,
    /// Queries.
    Read,
    /// Saying that something happened earlier than now.
    RecordPast,
    /// Saying what a night costs.
    SetPrice,
    /// Letting people in with tickets.
    Scan,
}

impl Right {
    const ALL: [Self; 6] =
        [Self::Admin, Self::Book, Self::Read, Self::RecordPast, Self::SetPrice, Self::Scan];

    /// The right as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Book => "book",
            Self::Read => "read",
            Self::RecordPast => "record_past",
            Self::SetPrice => "set_price",
            Self::Scan => "scan",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Admin => 1,
            Self::Book => 2,
            Self::Read => 4,
            Self::RecordPast => 8,
            Self::SetPrice => 16,
            Self::Scan => 32,
        }
    }
}

/// What a key allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights(u8);

impl Rights {
    /// Whether a right is among them; with `admin`, every right is.
    pub const fn allow(self, right: Right) -> bool {
        self.0 & (right.bit() | Right::Admin.bit()) != 0
    }

    /// The rights one by one.
    pub fn list(self) -> Vec<Right> {
        Right::ALL.into_iter().filter(|right| self.0 & right.bit() != 0).collect()
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        Self(rights.into_iter().fold(0, |bits, right| bits | right.bit()))
    }
}

/// Whom a valid key stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The id of the key.
    pub id: Uuid,
    /// What the key is called.
    pub name: String,
    /// What it allows.
    pub rights: Rights,
}

/// A key as administrators see it.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Whom it stands for.
    pub principal: Principal,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// The plain text of a key. Only whoever it is made for may see it, once.
pub struct PlainKey(String);

impl PlainKey {
    /// A new key that nobody can guess.
    ///
    /// # Panics
    /// Never: a text takes any text.
    pub fn generate() -> Self {
        let bytes: [u8; 32] = rand::random();
        let mut text = String::from("dbk_");
        for byte in bytes {
            write!(text, "{byte:02x}").expect("a text takes any text");
        }
        Self(text)
    }

    /// A key that was kept as text.
    pub fn from_text(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn digest(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }
}

impl fmt::Debug for PlainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainKey(…)")
    }
}

type ByDigest = HashMap<[u8; 32], Arc<Principal>>;

/// The keys in force.
pub struct Keys {
    pool: PgPool,
    known: RwLock<Arc<ByDigest>>,
    looked: Mutex<Instant>,
}

impl Keys {
    /// Reads the keys of a database.
    pub async fn load(pool: PgPool) -> Result<Arc<Self>, StoreError> {
        let keys = Self { pool, known: RwLock::default(), looked: Mutex::new(Instant::now()) };
        keys.reload().await?;
        Ok(Arc::new(keys))
    }

    /// Whom the key of a request stands for, if it has a valid one.
    pub async fn principal(&self, headers: &HeaderMap) -> Option<Arc<Principal>> {
        let value = headers.get(axum::http::header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let digest: [u8; 32] = Sha256::digest(token.trim()).into();
        if let Some(found) = self.known.read().get(&digest) {
            return Some(Arc::clone(found));
        }
        if self.may_look()
            && let Err(error) = self.reload().await
        {
            tracing::warn!(%error, "the API keys cannot be read");
        }
        self.known.read().get(&digest).cloned()
    }

    /// A key made elsewhere a moment ago is worth a look; a flood of wrong keys is not.
    fn may_look(&self) -> bool {
        let mut looked = self.looked.lock();
        let due = looked.elapsed() >= LOOK;
        if due {
            *looked = Instant::now();
        }
        due
    }

    async fn reload(&self) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "SELECT id, name, rights, created_at, revoked_at, key_hash
               FROM api_keys
              WHERE revoked_at IS NULL",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut known = ByDigest::with_capacity(rows.len());
        for row in &rows {
            let digest: Vec<u8> = row.try_get("key_hash")?;
            if let Ok(digest) = digest.try_into() {
                known.insert(digest, Arc::new(api_key(row)?.principal));
            }
        }
        *self.known.write() = Arc::new(known);
        Ok(())
    }

    /// Reads the keys again and again, so that a key revoked elsewhere ends here too.
    pub async fn follow(self: Arc<Self>) {
        loop {
            tokio::time::sleep(REFRESH).await;
            if let Err(error) = self.reload().await {
                tracing::warn!(%error, "the API keys cannot be read");
            }
        }
    }

    /// All keys, revoked ones included.
    pub async fn list(&self) -> Result<Vec<ApiKey>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, name, rights, created_at, revoked_at
               FROM api_keys
              ORDER BY created_at, id",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.iter().map(api_key).collect::<Result<_, _>>()?)
    }

    /// Keeps a new key.
    pub async fn add(
        &self,
        name: &str,
        rights: Rights,
        key: &PlainKey,
    ) -> Result<Uuid, StoreError> {
        let id = Uuid::now_v7();
        let rights: Vec<_> = rights.list().into_iter().map(Right::as_str).collect();
        sqlx::query(
            "INSERT INTO api_keys (id, name, key_hash, rights, created_at)
             VALUES ($1, $2, $3, $4, now())",
        )
        .bind(id)
        .bind(name)
        .bind(key.digest().as_slice())
        .bind(rights)
        .execute(&self.pool)
        .await?;
        self.reload().await?;
        Ok(id)
    }

    /// Ends a key. `false`: there is none with this id.
    pub async fn revoke(&self, id: Uuid) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE api_keys SET revoked_at = coalesce(revoked_at, now())
              WHERE id = $1",
        )
        .bind(id)
        .execute(&self.pool)
        .await?;
        self.reload().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether some key in force allows everything.
    pub fn has_admin(&self) -> bool {
        self.known.read().values().any(|principal| principal.rights.allow(Right::Admin))
    }

    /// Whether a key is in force.
    pub fn knows(&self, key: &PlainKey) -> bool {
        self.known.read().contains_key(&key.digest())
    }
}

fn api_key(row: &PgRow) -> Result<ApiKey, sqlx::Error> {
    let rights: Vec<String> = row.try_get("rights")?;
    let known = Right::ALL.into_iter().filter(|right| rights.iter().any(|r| r == right.as_str()));
    Ok(ApiKey {
        principal: Principal {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            rights: known.collect(),
        },
        created_at: row.try_get("created_at")?,
        revoked_at: row.try_get("revoked_at")?,
    })
}
