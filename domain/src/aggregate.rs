//! How cqrs-es runs an aggregate that decides and evolves: the same for all of them.

/// Implements `cqrs_es::Aggregate` for a state that stands beside its `Command`, `Event` and `Refusal`.
macro_rules! aggregate {
    ($state:ty, $name:literal) => {
        impl cqrs_es::Aggregate for $state {
            const TYPE: &'static str = $name;
            type Command = Command;
            type Event = Event;
            type Error = Refusal;
            type Services = ();

            async fn handle(
                &mut self,
                command: Command,
                (): &(),
                sink: &cqrs_es::event_sink::EventSink<Self>,
            ) -> Result<(), Refusal> {
                for event in self.decide(command)? {
                    sink.write(event, self).await; // applies it as well
                }
                Ok(())
            }

            fn apply(&mut self, event: Event) {
                self.evolve(&event);
            }
        }
    };
}

pub(crate) use aggregate;
