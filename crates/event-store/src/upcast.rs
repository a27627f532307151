//! Old shapes of events, brought to today's when they are read. The stored bytes stay as they are.

use std::sync::Arc;

use cqrs_es::persist::{EventUpcaster, SerializedEvent};

use crate::{StoreError, event::Recorded};

/// The upcasters of all aggregates, applied in order to every event that is read for deciding or projecting.
#[derive(Clone, Default)]
pub struct Upcasters {
    list: Arc<[(&'static str, Box<dyn EventUpcaster>)]>,
}

impl Upcasters {
    /// Upcasters by the aggregate type whose events they change.
    pub fn new(list: Vec<(&'static str, Box<dyn EventUpcaster>)>) -> Self {
        Self { list: list.into() }
    }

    pub(crate) fn apply(&self, event: SerializedEvent) -> SerializedEvent {
        self.list.iter().fold(event, |event, (aggregate_type, upcaster)| {
            if *aggregate_type == event.aggregate_type
                && upcaster.can_upcast(&event.event_type, &event.event_version)
            {
                upcaster.upcast(event)
            } else {
                event
            }
        })
    }

    /// A recorded event in today's shape.
    ///
    /// # Errors
    /// [`StoreError::Unreadable`] when an event that needs upcasting is not JSON.
    pub fn upcast(&self, recorded: &mut Recorded) -> Result<(), StoreError> {
        let wanted = self.list.iter().any(|(aggregate_type, upcaster)| {
            *aggregate_type == recorded.aggregate_type
                && upcaster.can_upcast(&recorded.event_type, &recorded.event_version)
        });
        if !wanted {
            return Ok(());
        }
        let event = self.apply(SerializedEvent::new(
            recorded.aggregate_id.clone(),
            usize::try_from(recorded.sequence).unwrap_or_default(),
            recorded.aggregate_type.clone(),
            recorded.event_type.clone(),
            recorded.event_version.clone(),
            serde_json::from_str(&recorded.payload)?,
            serde_json::from_str(&recorded.metadata)?,
        ));
        recorded.event_type = event.event_type;
        recorded.event_version = event.event_version;
        recorded.payload = event.payload.to_string();
        Ok(())
    }
}
