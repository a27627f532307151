//! What is offered, and by whom, against a real log and real tables.

mod support;

use std::sync::Arc;

use daybook_domain::{
    listing::{self, Content, FirstStatus, Listing, ListingKind, Selling, Status},
    notice::Settings,
    organization::{self, Member, Organization, Profile, Role},
    resource::{
        self, Nights, Resource, ResourceKind, Schedules, Services, Sort, StayRules, Terms, Times,
    },
    values::{
        AccountId, Address, Attributes, Codes, Contact, Description, Images, ListingId, Location,
        OrganizationId, Phrase, ResourceId, Weekend, Zone,
    },
};
use daybook_projections::{
    ListingFilter, ListingView, ModelName, OrganizationView, PageRequest, ResourceFilter,
    ResourceView, View as _,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use support::{World, at, described, eur, euros, house_times, limits, text};
use uuid::Uuid;

const FIRST: PageRequest = PageRequest { cursor: None, limit: 50 };

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("what a client would send")
}

fn amman() -> Zone {
    "Asia/Amman".parse().expect("a zone")
}

fn profile() -> Profile {
    Profile {
        name: text("Nights of Amman"),
        contact: Contact::default(),
        zone: amman(),
        currency: eur(),
        weekend: Weekend::FriSat,
        notices: Settings::default(),
        invoicing: None,
    }
}

fn account(n: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(n))
}

/// A content with everything in it.
fn everything() -> Content {
    Content {
        name: text("Nights of Amman"),
        summary: Some(text("Concerts under the stars")),
        description: Some(read::<Description>(json!({"en": "Long", "ar": "طويل"}))),
        categories: read::<Codes>(json!(["concert"])),
        tags: read::<Codes>(json!(["family", "outdoor"])),
        attributes: read::<Attributes>(json!({"seats": 1200, "covered": false, "grass": "yes"})),
        address: Some(read::<Address>(json!({"locality": "Amman", "country": "JO"}))),
        location: Some(read::<Location>(json!({"latitude": 31.951_569, "longitude": 35.923_963}))),
        contact: read::<Contact>(json!({"email": "desk@example.com"})),
        images: read::<Images>(json!([{"url": "https://example.com/a.jpg", "width": 800}])),
        selling: Arc::new(Selling {
            tariff: Some(read(json!({"rules": [{"code": "late", "percent": 1_000}]}))),
            taxes: read(json!([{"code": "vat", "name": {"en": "VAT"}, "rate": 1_600}])),
            policy: Some(read(json!({"tiers": [{"fee": {"percent": 10_000}}]}))),
            deposit: Some(read(json!({"percent": 3_000}))),
        }),
    }
}

#[tokio::test]
async fn an_organization_shows_what_it_says_and_who_works_there() {
    let world = World::new().await;
    let projections = world.projections().await;
    let id = OrganizationId::from_uuid(Uuid::now_v7());
    let register = organization::Command::Register { profile: profile(), at: at(1, 8) };
    world.send::<Organization>(id, register).await;
    for (n, role) in [(1, Role::Owner), (2, Role::Staff), (3, Role::Staff)] {
        let name = Phrase::try_new("Somebody").unwrap();
        let member = Member { account: account(n), name, role };
        let add = organization::Command::AddMember { member, at: at(1, 9) };
        world.send::<Organization>(id, add).await;
    }
    let promote = organization::Command::ChangeRole {
        account: account(2),
        role: Role::Manager,
        at: at(1, 10),
    };
    world.send::<Organization>(id, promote).await;
    let remove = organization::Command::RemoveMember { account: account(3), at: at(1, 11) };
    world.send::<Organization>(id, remove).await;
    let revised = Profile { name: text("Amman Nights"), weekend: Weekend::SatSun, ..profile() };
    let revise = organization::Command::Revise { profile: revised.clone(), at: at(2, 8) };
    let position = world.send::<Organization>(id, revise).await;
    world.settle(&projections).await;

    let found = OrganizationView::find(projections.queries(), id).await.unwrap().unwrap();
    assert_eq!((&found.profile, found.span.sequence, found.span.position), (&revised, 7, position));
    let members: Vec<_> = found.members().map(|member| (member.account, member.role)).collect();
    assert_eq!(members, [(account(1), Role::Owner), (account(2), Role::Manager)]);
    let all = projections.queries().organizations(FIRST).await.unwrap();
    assert_eq!(all.items, vec![found]);
}

#[tokio::test]
async fn a_listing_is_found_as_it_was_last_revised() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    world.hotel("Europe/Berlin", 4).await;
    let terms = listing::Terms::Stay(house_times(10));
    let content = Box::new(Content { name: text("Grand Hotel"), ..everything() });
    let revise = listing::Command::Revise {
        terms,
        content: content.clone(),
        on_request: true,
        at: at(2, 8),
    };
    let revised = world.send::<Listing>(hotel.listing, revise).await;
    world.settle(&projections).await;

    let queries = projections.queries();
    let found = ListingView::find(queries, hotel.listing).await.unwrap().unwrap();
    assert_eq!((&found.content, found.terms), (&*content, terms));
    assert_eq!((found.zone.name(), found.currency), ("Asia/Tokyo", eur()));
    assert_eq!((found.span.sequence, found.span.position), (2, revised));
    let own = ListingFilter { organization: Some(hotel.organization), ..ListingFilter::default() };
    assert_eq!(queries.listings(own, FIRST).await.unwrap().items, vec![found]);
    let all = queries.listings(ListingFilter::default(), FIRST).await.unwrap();
    assert_eq!(all.items.len(), 2);

    let bare = Box::new(Content::new(text("Grand Hotel")));
    let revise =
        listing::Command::Revise { terms, content: bare.clone(), on_request: false, at: at(3, 8) };
    world.send::<Listing>(hotel.listing, revise).await;
    world.settle(&projections).await;
    let found = ListingView::find(queries, hotel.listing).await.unwrap().unwrap();
    assert_eq!((&found.content, found.span.sequence), (&*bare, 3));
}

#[tokio::test]
async fn listings_of_every_kind_are_found_by_kind_and_status() {
    let world = World::new().await;
    let projections = world.projections().await;
    let organization = OrganizationId::from_uuid(Uuid::now_v7());
    let kinds =
        [ListingKind::Experience, ListingKind::Event, ListingKind::Room, ListingKind::Service];
    let mut ids = Vec::new();
    for kind in kinds {
        let id = ListingId::from_uuid(Uuid::now_v7());
        let create = listing::Command::Create {
            organization,
            terms: listing::Terms::try_new(listing::Parts::bare(kind)).unwrap(),
            content: Box::new(everything()),
            zone: amman(),
            currency: eur(),
            on_request: false,
            status: FirstStatus::Draft,
            at: at(1, 8),
        };
        world.send::<Listing>(id, create).await;
        ids.push(id);
    }
    world.send::<Listing>(ids[0], listing::Command::Publish { at: at(1, 9) }).await;
    world.send::<Listing>(ids[1], listing::Command::Archive { at: at(1, 9) }).await;
    world.settle(&projections).await;

    let found = async |filter| {
        let page = projections.queries().listings(filter, FIRST).await.unwrap();
        page.items.iter().map(|listing| listing.id).collect::<Vec<_>>()
    };
    for (kind, id) in kinds.into_iter().zip(&ids) {
        assert_eq!(found(ListingFilter { kind: Some(kind), ..Default::default() }).await, [*id]);
    }
    for (status, expected) in
        [(Status::Published, &ids[..1]), (Status::Archived, &ids[1..2]), (Status::Draft, &ids[2..])]
    {
        let filter = ListingFilter { status: Some(status), ..Default::default() };
        assert_eq!(found(filter).await, expected);
    }
}

#[tokio::test]
async fn a_resource_shows_its_latest_limits_price_and_content() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let change = resource::Command::ChangeLimits { limits: limits(7), at: at(2, 8) };
    world.send::<Resource>(hotel.room, change).await;
    let price_per_night = euros(120);
    let change = resource::Command::ChangePrice { price_per_night, at: at(2, 9) };
    world.send::<Resource>(hotel.room, change).await;
    let content =
        resource::Content { attributes: read(json!({"beds": 2})), ..described("Double room") };
    let services = Services::default();
    let revise = resource::Command::Revise { content: content.clone(), services, at: at(2, 10) };
    world.send::<Resource>(hotel.room, revise).await;
    world.settle(&projections).await;

    let found = ResourceView::find(projections.queries(), hotel.room).await.unwrap().unwrap();
    let terms = Terms::Nights(Nights {
        listing: hotel.listing,
        price_per_night,
        rules: StayRules::default(),
    });
    assert_eq!((found.limits, &found.terms, found.span.sequence), (limits(7), &terms, 4));
    assert_eq!((&found.content, found.organization), (&content, Some(hotel.organization)));
    let of_listing = ResourceFilter { listing: Some(hotel.listing), ..Default::default() };
    let all = projections.queries().resources(of_listing, FIRST).await.unwrap();
    assert_eq!(all.items, vec![found]);
}

#[tokio::test]
async fn what_is_taken_by_the_hour_belongs_to_its_organization() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let services = Services::try_new([hotel.listing]).unwrap();
    let mut made = Vec::new();
    for (sort, listing) in [
        (Sort::Room, None),
        (Sort::Staff(services), Some(hotel.listing)),
        (Sort::Equipment, Some(hotel.listing)),
    ] {
        let id = ResourceId::from_uuid(Uuid::now_v7());
        let terms =
            Terms::Times(Times { sort, listing, zone: amman(), schedules: Schedules::default() });
        let create = resource::Command::Create {
            organization: hotel.organization,
            terms: terms.clone(),
            currency: eur(),
            content: described("Something"),
            limits: limits(3),
            at: at(1, 8),
        };
        world.send::<Resource>(id, create).await;
        made.push((id, terms));
    }
    world.settle(&projections).await;

    let queries = projections.queries();
    for (id, terms) in &made {
        assert_eq!(&ResourceView::find(queries, *id).await.unwrap().unwrap().terms, terms);
    }
    let own = ResourceFilter { organization: Some(hotel.organization), ..Default::default() };
    assert_eq!(queries.resources(own, FIRST).await.unwrap().items.len(), 4);
    let staff = ResourceFilter { kind: Some(ResourceKind::Staff), ..own };
    let found = queries.resources(staff, FIRST).await.unwrap();
    assert_eq!(found.items.iter().map(|found| found.id).collect::<Vec<_>>(), [made[1].0]);
    for model in [ModelName::Organizations, ModelName::Listings, ModelName::Resources] {
        projections.rebuild(model).await.unwrap();
    }
    world.assert_verified(&projections).await;
}

#[tokio::test]
async fn the_catalogue_can_be_made_again_from_the_log() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let register = organization::Command::Register { profile: profile(), at: at(1, 8) };
    world.send::<Organization>(hotel.organization, register).await;
    let member =
        Member { account: account(1), name: Phrase::try_new("Rania").unwrap(), role: Role::Owner };
    let add = organization::Command::AddMember { member, at: at(1, 9) };
    world.send::<Organization>(hotel.organization, add).await;
    let terms = listing::Terms::Stay(house_times(11));
    let content = Box::new(everything());
    let revise = listing::Command::Revise { terms, content, on_request: false, at: at(2, 8) };
    world.send::<Listing>(hotel.listing, revise).await;
    world.settle(&projections).await;
    world.assert_verified(&projections).await;

    let before = ListingView::find(projections.queries(), hotel.listing).await.unwrap();
    for model in [ModelName::Organizations, ModelName::Listings, ModelName::Resources] {
        projections.rebuild(model).await.unwrap();
    }
    assert_eq!(ListingView::find(projections.queries(), hotel.listing).await.unwrap(), before);
    world.assert_verified(&projections).await;
}
