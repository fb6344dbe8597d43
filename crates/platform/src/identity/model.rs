//! Actors, roles, permissions and scopes as values.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use kernel::id::Id as _;
use kernel::{ActorId, BusinessDay, UnitId};
use serde::{Deserialize, Serialize};

use super::error::Forbidden;
use super::rules;
use crate::UnitTree;

/// The id under which the local command line acts; the operator of the machine has no row.
const OPERATOR: [u8; 16] = [0; 16];

/// A word that is none of an enum's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{word}” is not known; one of {known} is expected")]
pub struct UnknownWord {
    /// What was given.
    pub word: String,
    /// What would have been right.
    pub known: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// All of them, in the order of the list.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// The stable word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord { word: word.to_owned(), known: [$($word),+].join(", ") }),
                }
            }
        }
    };
}

words! {
    /// What an actor may do. Every staff route and every action names one.
    Permission {
        /// Add and change units.
        UnitManage = "unit_manage",
        /// Add and change receiving accounts and their secrets.
        AccountManage = "account_manage",
        /// Plan campaigns and themes, raise targets, end them.
        CampaignManage = "campaign_manage",
        /// File a campaign with the civil affairs department, open it.
        CampaignFile = "campaign_file",
        /// Add and change projects.
        ProjectManage = "project_manage",
        /// Read single gifts, names masked.
        GiftRead = "gift_read",
        /// Enter gifts at the counter.
        GiftRecord = "gift_record",
        /// Import bills and take imports back.
        GiftImport = "gift_import",
        /// Decide about what was held.
        GiftReview = "gift_review",
        /// Ask for a refund.
        RefundRequest = "refund_request",
        /// Approve a refund that someone else asked for.
        RefundApprove = "refund_approve",
        /// Add sponsors, write pools and their rules, publish them.
        MatchManage = "match_manage",
        /// Open and close pools, decide about matches that wait.
        MatchApprove = "match_approve",
        /// Keep the register of donation platforms, tell them of progress.
        PlatformManage = "platform_manage",
        /// Issue certificates anew, change their look.
        CertificateManage = "certificate_manage",
        /// Open or erase personal data.
        PersonalManage = "personal_manage",
        /// Open one person's name and telephone for a reason that stands in the trail.
        PersonalReveal = "personal_reveal",
        /// Read goods: stock, lists, orders.
        GoodsRead = "goods_read",
        /// Import published tables of goods.
        GoodsImport = "goods_import",
        /// Keep the catalogue of goods, norms and places.
        GoodsManage = "goods_manage",
        /// Record movements of goods: announce, receive, pick, load, hand over, count.
        GoodsRecord = "goods_record",
        /// Ask for goods and money for a receiver.
        GoodsRequest = "goods_request",
        /// Propose who gets which goods, and change the proposal.
        GoodsPropose = "goods_propose",
        /// Decide about a proposal, settle differences of a count.
        GoodsApprove = "goods_approve",
        /// Read partner regions: agreements, progress, purchases, lists.
        PartnerRead = "partner_read",
        /// Keep partner regions: visits, agreements, payments, lists of children, shops.
        PartnerManage = "partner_manage",
        /// Buy for partner regions: quotes, orders, counts, invoices; hand fitted sets out.
        PartnerPurchase = "partner_purchase",
        /// Sign agreements with partner regions, choose among quotes.
        PartnerApprove = "partner_approve",
        /// Record services, points and goods in a points shop.
        PointsRecord = "points_record",
        /// Read journals and balances.
        BooksRead = "books_read",
        /// Post journals by hand, manage funds and the chart.
        BooksPost = "books_post",
        /// Approve that money leaves which someone else asked for.
        PayoutApprove = "payout_approve",
        /// Read cases that are decided or were, and the policies.
        ApprovalRead = "approval_read",
        /// Put a case before those who decide, mend it, take it back.
        ApprovalRequest = "approval_request",
        /// Decide at a stage that names one's role or oneself.
        ApprovalDecide = "approval_decide",
        /// Publish policies: who decides what in which order.
        ApprovalManage = "approval_manage",
        /// Read reports from below and the roster of duty.
        DutyRead = "duty_read",
        /// Hand in what one's unit owes at its hours.
        DutyReport = "duty_report",
        /// Say by forms what units below report and when; keep the roster of duty, open a telephone in it.
        DutyManage = "duty_manage",
        /// Read numbered documents, confirm for one's own unit that they came.
        DocumentRead = "document_read",
        /// Send numbered documents, remind of them, withdraw them.
        DocumentSend = "document_send",
        /// Read reports and exports.
        ReportRead = "report_read",
        /// Read facts: who did what when.
        AuditRead = "audit_read",
        /// Change dated parameters and the calendar.
        ParameterManage = "parameter_manage",
        /// Add users, grant and end roles, issue and revoke tokens.
        UserManage = "user_manage",
        /// Jobs, backup, health in detail.
        SystemOperate = "system_operate",
    }
}

words! {
    /// What an actor is in a unit; [`rules::permissions_of`] says what that allows.
    Role {
        /// Runs the installation of a society with one officer: units, users, settings; handles no money.
        Administrator = "administrator",
        /// Of the three: units, dated parameters, jobs, backup. Sees no business data.
        SystemAdministrator = "system_administrator",
        /// Of the three: users, roles, sessions, invitations.
        SecurityAdministrator = "security_administrator",
        /// Of the three: reads who did what when, and nothing else.
        AuditAdministrator = "audit_administrator",
        /// Runs campaigns and takes gifts in.
        FundraisingOfficer = "fundraising_officer",
        /// Keeps the books.
        FinanceOfficer = "finance_officer",
        /// Decides and approves, enters nothing.
        Leader = "leader",
        /// Keeps the store of relief goods.
        Storekeeper = "storekeeper",
        /// Records goods with a phone; approves nothing.
        GoodsVolunteer = "goods_volunteer",
        /// The donation desk outside the society: sees both lists, proposes shares, nothing else.
        DonationDesk = "donation_desk",
        /// A department or hospital that asks for goods and money.
        Requester = "requester",
        /// Reads everything, changes nothing.
        Auditor = "auditor",
        /// A program that hands gifts in.
        Machine = "machine",
        /// The account of the sealed envelope, and nobody else: opens doors again, hands out no power over money.
        EmergencyAdministrator = "emergency_administrator",
    }
}

words! {
    /// Why a name and a telephone are opened. Words instead of free text: nothing personal gets into the fact.
    RevealReason {
        /// To reach the person about what she does here.
        Reach = "reach",
        /// The person asked about her own data.
        PersonAsked = "person_asked",
        /// To look whether an entry is right.
        Check = "check",
        /// An authority ordered it.
        AuthorityOrdered = "authority_ordered",
    }
}

words! {
    /// Why somebody's personal fields are changed by who manages users.
    PersonalReason {
        /// The person asked.
        PersonAsked = "person_asked",
        /// What stood there was wrong or old.
        Correction = "correction",
        /// The person left: what is no longer needed goes.
        Left = "left",
    }
}

words! {
    /// Why a role is lent.
    LeaveReason {
        /// On leave.
        Leave = "leave",
        /// Ill.
        Sick = "sick",
        /// Away on duty.
        Trip = "trip",
        /// At a course.
        Course = "course",
    }
}

words! {
    /// What kind of being acts.
    ActorKind {
        /// A person with a name.
        Person = "person",
        /// A program.
        Machine = "machine",
        /// Whoever sits at the machine's own command line.
        Operator = "operator",
    }
}

/// A role in a unit with its term: the post that somebody holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The role.
    pub role: Role,
    /// In this unit and all below it.
    pub unit: UnitId,
    /// What the post is called: 理事, 财务主管.
    pub title: Option<String>,
    /// The first day; at once without one.
    pub from_day: Option<BusinessDay>,
    /// The last day; it ends by itself after it. Without one it runs until it is ended.
    pub until_day: Option<BusinessDay>,
}

impl Post {
    /// A role that runs at once and until it is ended.
    pub const fn lasting(role: Role, unit: UnitId) -> Self {
        Self {
            role,
            unit,
            title: None,
            from_day: None,
            until_day: None,
        }
    }
    /// Whether its term is over.
    pub fn is_over(&self, today: BusinessDay) -> bool {
        self.until_day.is_some_and(|until| until < today)
    }
    /// Whether it gives its powers on this day.
    pub fn runs_on(&self, today: BusinessDay) -> bool {
        !self.is_over(today) && self.from_day.is_none_or(|from| from <= today)
    }
}

/// Someone who acts, with the roles that run now. Taken as an argument by handlers and handed to every action.
#[derive(Clone)]
pub struct Actor {
    /// Its id, for facts and for “someone else must approve”.
    pub id: ActorId,
    /// Its name in lists.
    pub name: String,
    /// What it is.
    pub kind: ActorKind,
    /// Its running roles, each for a unit and all below it.
    pub roles: Vec<(Role, UnitId)>,
    tree: Arc<UnitTree>,
}

impl fmt::Debug for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No name: a person's name is not for logs.
        f.debug_struct("Actor")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("roles", &self.roles)
            .finish()
    }
}

impl Actor {
    /// The operator of the machine, at its own command line: may do everything everywhere.
    pub fn operator() -> Self {
        Self {
            id: ActorId::from_bytes(OPERATOR),
            name: ActorKind::Operator.as_str().to_owned(),
            kind: ActorKind::Operator,
            roles: Vec::new(),
            tree: Arc::default(),
        }
    }

    /// Someone with these roles in this tree; for the store, and for tests that need an actor.
    pub fn with_roles(
        id: ActorId,
        name: &str,
        kind: ActorKind,
        roles: &[(Role, UnitId)],
        tree: &Arc<UnitTree>,
    ) -> Self {
        Self {
            id,
            name: name.to_owned(),
            kind,
            roles: roles.to_vec(),
            tree: Arc::clone(tree),
        }
    }

    /// Passes when one of the roles allows this in this unit.
    ///
    /// # Errors
    /// [`Forbidden`], which says what was missing.
    pub fn require(&self, permission: Permission, unit: UnitId) -> Result<(), Forbidden> {
        let allowed = self.scope_for(permission).contains(unit, &self.tree);
        if allowed { Ok(()) } else { Err(Forbidden { permission }) }
    }

    /// Passes when one of the roles allows this in some unit: for routes, whose actions then ask for the unit.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn require_somewhere(&self, permission: Permission) -> Result<(), Forbidden> {
        if self.scope_for(permission).is_nothing() {
            Err(Forbidden { permission })
        } else {
            Ok(())
        }
    }

    /// Passes when this is allowed in the whole installation: for what no unit owns, such as backups.
    ///
    /// # Errors
    /// [`Forbidden`].
    pub fn require_everywhere(&self, permission: Permission) -> Result<(), Forbidden> {
        let scope = self.scope_for(permission);
        let roots = self.tree.roots();
        let all = match &scope {
            Scope::Everything => true,
            Scope::Below(_) => !roots.is_empty() && roots.iter().all(|root| scope.contains(*root, &self.tree)),
        };
        if all { Ok(()) } else { Err(Forbidden { permission }) }
    }

    /// Whether somebody at home in this unit is a colleague: it lies in, below or above a unit in which this one holds a
    /// role.
    pub fn works_with(&self, home: UnitId, tree: &UnitTree) -> bool {
        let near = |unit: UnitId| unit == home || tree.is_within(home, unit) || tree.is_within(unit, home);
        self.kind == ActorKind::Operator || self.roles.iter().any(|(_, unit)| near(*unit))
    }

    /// Where this is allowed.
    pub fn scope_for(&self, permission: Permission) -> Scope {
        self.scope_for_any(&[permission])
    }

    /// Where one of these is allowed: for lists that several roles need.
    pub fn scope_for_any(&self, permissions: &[Permission]) -> Scope {
        if self.kind == ActorKind::Operator {
            return Scope::Everything;
        }
        let allows = |role: Role| permissions.iter().any(|permission| rules::allows(role, *permission));
        let allowing = self.roles.iter().filter(|(role, _)| allows(*role));
        let mut units: Vec<UnitId> = allowing.map(|(_, unit)| *unit).collect();
        units.sort_unstable();
        units.dedup();
        Scope::Below(units)
    }
}

/// The part of the tree that someone may see or touch: a set of subtrees. A parameter of every query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The whole installation, whatever its tree.
    Everything,
    /// These units and all below them; none of them is nothing at all.
    Below(Vec<UnitId>),
}

impl Scope {
    /// One unit and all below it.
    pub fn below(unit: UnitId) -> Self {
        Self::Below(vec![unit])
    }

    /// Whether it is empty.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Below(units) if units.is_empty())
    }

    /// Whether the unit lies in it.
    pub fn contains(&self, unit: UnitId, tree: &UnitTree) -> bool {
        match self {
            Self::Everything => true,
            // A unit is always within itself, also before the tree was loaded anew.
            Self::Below(units) => units.iter().any(|root| *root == unit || tree.is_within(unit, *root)),
        }
    }

    /// All units in it, or nothing when it has no bounds.
    pub fn units(&self, tree: &UnitTree) -> Option<Vec<UnitId>> {
        let Self::Below(roots) = self else { return None };
        let mut all: Vec<UnitId> = roots.iter().flat_map(|root| tree.subtree(*root)).collect();
        all.extend(roots);
        all.sort_unstable();
        all.dedup();
        Some(all)
    }
}
