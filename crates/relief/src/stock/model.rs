//! Lots and movements as values.

use kernel::id::Id as _;
use kernel::{BusinessDay, Fen, Instant, UnitId};

use crate::word::words;
use crate::{ItemId, LotId, PartyId, PlaceId};

words! {
    /// Where a piece of a lot is on its way (R5.8).
    LotState {
        /// A donor said that it will come.
        Announced = "announced",
        /// It is at the door.
        Arrived = "arrived",
        /// Looked at: grade, number, papers, shelf life.
        Inspected = "inspected",
        /// In store.
        Stocked = "stocked",
        /// Set aside for a dispatch order.
        Reserved = "reserved",
        /// Picked and handed over by the store.
        Issued = "issued",
        /// On the road.
        InTransit = "in_transit",
        /// With the receiver.
        Received = "received",
        /// With the people, signed for.
        Distributed = "distributed",
        /// Came back from a receiver.
        Returned = "returned",
        /// Back with the donor.
        GivenBack = "given_back",
        /// Destroyed.
        Scrapped = "scrapped",
        /// Sold for the society's purpose (CL 54).
        Sold = "sold",
        /// Gone, as a count or a delivery showed.
        Lost = "lost",
        /// Became part of a kit.
        Assembled = "assembled",
    }
}

words! {
    /// Where goods come from; kept apart in every figure (R5.5).
    Source {
        /// Given.
        Donation = "donation",
        /// Bought from the budget.
        Budget = "budget",
        /// Bought from an aid fund.
        AidFund = "aid_fund",
        /// From another level of the society: no donation a second time.
        TransferIn = "transfer_in",
        /// Handed over by customs.
        Customs = "customs",
        /// Made here from other lots.
        Kit = "kit",
        /// A parcel addressed to someone, only held for him.
        HeldForAddressee = "held_for_addressee",
    }
}

words! {
    /// What a value rests on (R1.38b).
    ValueBasis {
        /// The donor's voucher.
        Voucher = "voucher",
        /// The donor's price from the factory.
        ExFactory = "ex_factory",
        /// The donor's selling price.
        DonorSalePrice = "donor_sale_price",
        /// A guide price of the government.
        GovGuide = "gov_guide",
        /// The price on a large known shop.
        Ecommerce = "ecommerce",
        /// An appraiser's report.
        Appraisal = "appraisal",
        /// What it cost, by the papers of its purchase.
        Purchase = "purchase",
        /// The parts a kit was made of.
        Parts = "parts",
        /// One yuan, where nothing else can be had.
        Nominal = "nominal",
        /// No value: counted by number only, outside all sums of money.
        None = "none",
    }
}

/// A place of pieces: a state, and who holds them there (a place, or a dispatch order on its way).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The state.
    pub state: LotState,
    /// The 16 bytes of the holder's id.
    pub holder: [u8; 16],
}

impl Spot {
    /// In this state at a place.
    pub fn at(state: LotState, place: PlaceId) -> Self {
        Self {
            state,
            holder: place.bytes(),
        }
    }
    /// In this state under a dispatch order.
    pub fn under(state: LotState, dispatch: crate::DispatchId) -> Self {
        Self {
            state,
            holder: dispatch.bytes(),
        }
    }
}

/// A movement: pieces of one lot from one spot to another. A missing end is the world outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The lot.
    pub lot: LotId,
    /// What makes it the same movement when it is sent again.
    pub key: String,
    /// From where.
    pub from: Option<Spot>,
    /// To where.
    pub to: Option<Spot>,
    /// How many of the lot's unit.
    pub quantity: i64,
    /// The paper it stands on: a dispatch order's number, a count, a plan.
    pub paper: String,
    /// Why, where a person had to say.
    pub reason: String,
    /// The device's own clock, for what was recorded off line.
    pub device_at: Option<Instant>,
}

/// A lot: one delivery of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// Its id.
    pub id: LotId,
    /// Whose it is.
    pub unit: UnitId,
    /// What it is.
    pub item: ItemId,
    /// The unit it is counted in.
    pub unit_word: String,
    /// Base units in one of these.
    pub per_base: i64,
    /// Units that travel together: a box is never opened for a share.
    pub per_box: i64,
    /// Specification.
    pub spec: String,
    /// Where it comes from.
    pub source: Source,
    /// The donor as shown.
    pub donor_shown: String,
    /// For whom the donor meant it.
    pub designated_for: Option<PartyId>,
    /// Its last day.
    pub expires_on: Option<BusinessDay>,
    /// The day it is expected.
    pub expected_on: Option<BusinessDay>,
    /// When it arrived first.
    pub arrived_at: Option<Instant>,
    /// When it was stocked first.
    pub stocked_at: Option<Instant>,
    /// Its value together, where there is evidence.
    pub value: Option<Fen>,
}

/// A lot to be announced.
#[derive(Debug, Clone)]
pub struct NewLot {
    /// Whose it is.
    pub unit: UnitId,
    /// What makes it the same lot when it is sent again: a box code, a device's own number.
    pub key: String,
    /// What it is.
    pub item: ItemId,
    /// The unit it is counted in.
    pub unit_word: String,
    /// How many.
    pub quantity: i64,
    /// Units that travel together.
    pub per_box: i64,
    /// Specification.
    pub spec: String,
    /// Batch.
    pub batch: String,
    /// Where it comes from.
    pub source: Source,
    /// The donor's name; sealed.
    pub donor: String,
    /// For whom the donor meant it.
    pub designated_for: Option<PartyId>,
    /// Its last day.
    pub expires_on: Option<BusinessDay>,
    /// Whether a certificate of quality came with it.
    pub has_certificate: bool,
    /// The day it is expected.
    pub expected_on: Option<BusinessDay>,
    /// Where it is expected.
    pub place: PlaceId,
    /// Its value together.
    pub value: Option<Fen>,
    /// What the value rests on.
    pub basis: ValueBasis,
    /// The evidence of the value: number of the invoice, the agreement, the customs form; a page's address.
    pub evidence: String,
}

/// What a person in the store records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Announced goods are at the door of a place.
    Arrive(PlaceId),
    /// Arrived goods were looked at.
    Inspect(PlaceId),
    /// Inspected goods are in store.
    Stock(PlaceId),
    /// Goods in store moved to another place.
    Relocate {
        /// From here.
        from: PlaceId,
        /// To there.
        to: PlaceId,
    },
    /// Announced goods that will not come.
    Withdraw(PlaceId),
    /// Arrived goods go back to the donor: not accepted.
    GiveBack(PlaceId),
    /// Goods that came back are in store again.
    Restock(PlaceId),
    /// Goods in store are destroyed.
    Scrap(PlaceId),
    /// Goods in store are sold.
    Sell(PlaceId),
}

/// What is on hand of one lot in one spot.
#[derive(Debug, Clone)]
pub struct OnHand {
    /// The lot.
    pub lot: Lot,
    /// The item's name.
    pub item_name: String,
    /// The item's grade.
    pub grade: String,
    /// The state.
    pub state: LotState,
    /// The holder's 16 bytes.
    pub holder: [u8; 16],
    /// The holder's name where it is a place.
    pub place_name: Option<String>,
    /// How many of the lot's unit.
    pub quantity: i64,
}
