//! A tower-sessions store over our own table.

use async_trait::async_trait;
use claviger_domain::clock::Clock;
use claviger_store::{Store, StoredSession};
use std::{fmt, sync::Arc};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// Stores sessions in PostgreSQL, by hashes of their ids.
#[derive(Clone)]
pub struct SessionTable {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl SessionTable {
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }
}

impl fmt::Debug for SessionTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionTable")
    }
}

fn backend(error: impl fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

fn key(id: Id) -> [u8; 16] {
    id.0.to_be_bytes()
}

fn stored(record: &Record) -> Result<StoredSession> {
    let data =
        serde_json::to_value(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
    Ok(StoredSession { data, expires_at: record.expiry_date })
}

#[async_trait]
impl SessionStore for SessionTable {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while !self
            .store
            .sessions()
            .create_session(&key(record.id), &stored(record)?)
            .await
            .map_err(backend)?
        {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.store.sessions().save_session(&key(record.id), &stored(record)?).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = self
            .store
            .sessions()
            .load_session(&key(*id), self.clock.now())
            .await
            .map_err(backend)?;
        found
            .map(|session| {
                let data = serde_json::from_value(session.data)
                    .map_err(|error| Error::Decode(error.to_string()))?;
                Ok(Record { id: *id, data, expiry_date: session.expires_at })
            })
            .transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.store.sessions().delete_session(&key(*id)).await.map_err(backend)
    }
}
