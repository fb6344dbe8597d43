//! What a service is worth and whether points and shelves bear it: pure.

use std::collections::BTreeMap;

use kernel::{ActorId, BusinessDay};

use super::model::{NewService, Resident, Service, ServiceState, Shelf, Totals};
use crate::ShelfId;
use crate::error::{PartnerError, invalid};

/// Pieces of one line of a sale.
const PIECES_MAX: i64 = 1_000;
/// Lines of one sale.
pub const LINES_MAX: usize = 50;
/// The longest service of one day.
const MINUTES_MAX: i64 = 16 * 60;

/// What so many minutes are worth: whole points, begun hours are shared out and the rest is dropped.
pub const fn worth(minutes: i64, per_hour: i64) -> i64 {
    minutes.saturating_mul(per_hour) / 60
}

/// Checks a service to be recorded.
///
/// # Errors
/// [`PartnerError::Invalid`].
pub fn check_service(new: &NewService, today: BusinessDay) -> Result<(), PartnerError> {
    if !(1..=MINUTES_MAX).contains(&new.minutes) {
        return Err(invalid("minutes", "1 to 960 minutes of one day"));
    }
    if new.day > today || today.days_since(new.day) > 366 {
        return Err(invalid("day", "a day of the last year"));
    }
    Ok(())
}

/// Whether this person may confirm or refuse this service.
///
/// # Errors
/// [`PartnerError::SamePerson`], [`PartnerError::State`] once decided.
pub fn may_decide(service: &Service, by: ActorId) -> Result<(), PartnerError> {
    if service.recorded_by == by {
        return Err(PartnerError::SamePerson("recorded it"));
    }
    if service.state != ServiceState::Recorded {
        return Err(PartnerError::State {
            state: service.state.as_str(),
            wanted: "recorded",
        });
    }
    Ok(())
}

/// Whether a resident has so many points.
///
/// # Errors
/// [`PartnerError::Points`].
pub const fn has_points(resident: &Resident, wanted: i64) -> Result<(), PartnerError> {
    if resident.points >= wanted {
        Ok(())
    } else {
        Err(PartnerError::Points {
            there: resident.points,
            wanted,
        })
    }
}

/// What a basket costs; its lines are one for each shelf, and each shelf bears them.
///
/// # Errors
/// [`PartnerError::Shelf`], [`PartnerError::Invalid`].
pub fn cost(lines: &BTreeMap<ShelfId, i64>, shelves: &[Shelf]) -> Result<i64, PartnerError> {
    if lines.is_empty() || lines.len() > LINES_MAX {
        return Err(invalid("lines", "1 to 50 lines"));
    }
    let mut points = 0i64;
    for (id, pieces) in lines {
        let shelf = shelves
            .iter()
            .find(|shelf| shelf.id == *id)
            .ok_or(PartnerError::NotFound("shelf"))?;
        if !(1..=PIECES_MAX).contains(pieces) {
            return Err(invalid("quantity", "1 to 1,000 pieces"));
        }
        if shelf.stock < *pieces {
            return Err(PartnerError::Shelf {
                item: shelf.item.clone(),
                there: shelf.stock,
                wanted: *pieces,
            });
        }
        points = shelf
            .price
            .checked_mul(*pieces)
            .and_then(|sum| points.checked_add(sum))
            .ok_or(invalid("lines", "fewer pieces"))?;
    }
    Ok(points)
}

/// What everybody may see of a shop: nothing where fewer residents than `least` stand behind the sums.
pub fn shown(totals: Totals, least: i64) -> Option<Totals> {
    (totals.residents >= least).then_some(totals)
}

#[cfg(test)]
mod tests {
    use kernel::id::Id as _;
    use kernel::{Instant, UnitId};
    use proptest::prelude::*;

    use super::*;
    use crate::points::model::ServiceKind;
    use crate::{ResidentId, ServiceId, ShopId};

    fn shelf(byte: u8, price: i64, stock: i64) -> Shelf {
        Shelf {
            id: ShelfId::from_bytes([byte; 16]),
            unit: UnitId::from_bytes([1; 16]),
            shop: ShopId::from_bytes([1; 16]),
            item: format!("大米 {byte}"),
            unit_word: "袋".into(),
            price,
            stock,
            moves: 0,
        }
    }

    #[test]
    fn an_hour_is_worth_its_rate_and_a_begun_one_its_share() {
        assert_eq!((worth(60, 10), worth(90, 10), worth(5, 10)), (10, 15, 0));
    }

    #[test]
    fn who_recorded_a_service_does_not_confirm_it_and_nothing_is_decided_twice() {
        let mut service = Service {
            id: ServiceId::from_bytes([1; 16]),
            unit: UnitId::from_bytes([1; 16]),
            shop: ShopId::from_bytes([1; 16]),
            resident: ResidentId::from_bytes([1; 16]),
            kind: ServiceKind::Care,
            minutes: 60,
            day: Instant::from_micros(0).business_day(),
            state: ServiceState::Recorded,
            points: None,
            recorded_by: ActorId::from_bytes([1; 16]),
        };
        let (same, other) = (ActorId::from_bytes([1; 16]), ActorId::from_bytes([2; 16]));
        assert!(matches!(may_decide(&service, same), Err(PartnerError::SamePerson(_))));
        assert!(may_decide(&service, other).is_ok());
        service.state = ServiceState::Confirmed;
        assert!(matches!(may_decide(&service, other), Err(PartnerError::State { .. })));
    }

    #[test]
    fn sums_of_fewer_than_five_are_nobodys() {
        let four = Totals {
            residents: 4,
            ..Totals::default()
        };
        assert_eq!(shown(four, 5), None);
        assert!(shown(Totals { residents: 5, ..four }, 5).is_some());
    }

    proptest! {
        #[test]
        fn a_basket_never_costs_less_than_its_pieces_and_never_empties_a_shelf_below_nothing(
            shelves in prop::collection::vec((1i64..500, 0i64..50), 1..8), wanted in prop::collection::vec(0i64..60, 8)
        ) {
            let shelves: Vec<Shelf> = shelves
                .iter()
                .enumerate()
                .map(|(at, (price, stock))| shelf(u8::try_from(at + 1).expect("few"), *price, *stock))
                .collect();
            let lines: BTreeMap<ShelfId, i64> = shelves.iter().zip(&wanted).map(|(shelf, n)| (shelf.id, *n)).collect();
            let bears = shelves.iter().zip(&wanted).all(|(shelf, n)| (1..=shelf.stock).contains(n));
            match cost(&lines, &shelves) {
                Ok(points) => {
                    prop_assert!(bears);
                    let sum: i64 = shelves.iter().zip(&wanted).map(|(shelf, n)| shelf.price * n).sum();
                    prop_assert_eq!(points, sum);
                }
                Err(_) => prop_assert!(!bears),
            }
        }
    }
}
