//! 民间非营利组织会计制度, 财会〔2024〕25号, annex part 2: the 56 level-1 accounts with their official names.
//!
//! Sub-accounts are ours, as the rule allows while the statements are unaffected: `…01` 非限定性 and `…02` 限定性 under
//! every income and expense account; `100901` 非银行支付机构网络支付款, which the rule names; `100101`, `100201`, `100902`
//! 受托代理资产, which the balance sheet's formulas name; `54010101` and `54010201` 募捐成本, a line of the 业务活动表.

use super::{Account, AccountCode, Chart, Class, Restriction};

/// The chart in force since 1 January 2026.
pub static NPO2026: Chart = Chart {
    name: "npo2026",
    source: "财会〔2024〕25号",
    from_day: 20_260_101,
    accounts: ACCOUNTS,
};

const fn account(
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    class: Class,
    restriction: Restriction,
) -> Account {
    Account {
        code: AccountCode(code),
        zh,
        en,
        class,
        restriction,
    }
}

use Class::{Asset, Expense, Income, Liability, NetAssets};
use Restriction::{None, Restricted, Unrestricted};

/// By code, so that a look-up is a binary search.
const ACCOUNTS: &[Account] = &[
    account("1001", "现金", "Cash on hand", Asset, None),
    account(
        "100101",
        "现金——受托代理资产",
        "Cash on hand, held as agent",
        Asset,
        None,
    ),
    account("1002", "银行存款", "Bank deposits", Asset, None),
    account(
        "100201",
        "银行存款——受托代理资产",
        "Bank deposits, held as agent",
        Asset,
        None,
    ),
    account("1009", "其他货币资金", "Other monetary funds", Asset, None),
    account(
        "100901",
        "其他货币资金——非银行支付机构网络支付款",
        "Balances with payment institutions",
        Asset,
        None,
    ),
    account(
        "100902",
        "其他货币资金——受托代理资产",
        "Balances with payment institutions, held as agent",
        Asset,
        None,
    ),
    account("1101", "短期投资", "Short-term investments", Asset, None),
    account(
        "1102",
        "短期投资跌价准备",
        "Provision for decline of short-term investments",
        Asset,
        None,
    ),
    account("1111", "应收票据", "Notes receivable", Asset, None),
    account("1121", "应收账款", "Accounts receivable", Asset, None),
    account("1122", "其他应收款", "Other receivables", Asset, None),
    account("1131", "坏账准备", "Provision for bad debts", Asset, None),
    account("1141", "预付账款", "Prepayments", Asset, None),
    account("1201", "存货", "Inventories", Asset, None),
    account(
        "1202",
        "存货跌价准备",
        "Provision for decline of inventories",
        Asset,
        None,
    ),
    account("1301", "待摊费用", "Deferred expenses", Asset, None),
    account("1401", "长期股权投资", "Long-term equity investments", Asset, None),
    account("1402", "长期债权投资", "Long-term debt investments", Asset, None),
    account("1403", "其他长期投资", "Other long-term investments", Asset, None),
    account(
        "1421",
        "长期投资减值准备",
        "Provision for impairment of long-term investments",
        Asset,
        None,
    ),
    account("1501", "固定资产", "Fixed assets", Asset, None),
    account("1502", "累计折旧", "Accumulated depreciation", Asset, None),
    account("1505", "在建工程", "Construction in progress", Asset, None),
    account("1506", "文物资源", "Cultural relics", Asset, None),
    account("1509", "固定资产清理", "Disposal of fixed assets", Asset, None),
    account("1601", "无形资产", "Intangible assets", Asset, None),
    account("1602", "累计摊销", "Accumulated amortisation", Asset, None),
    account("1701", "长期待摊费用", "Long-term deferred expenses", Asset, None),
    account("1801", "受托代理资产", "Agency assets", Asset, None),
    account("2101", "短期借款", "Short-term loans", Liability, None),
    account("2201", "应付票据", "Notes payable", Liability, None),
    account("2202", "应付账款", "Accounts payable", Liability, None),
    account("2203", "预收账款", "Advances received", Liability, None),
    account("2204", "应付职工薪酬", "Employee benefits payable", Liability, None),
    account("2206", "应交税费", "Taxes payable", Liability, None),
    account("2209", "其他应付款", "Other payables", Liability, None),
    account("2301", "预提费用", "Accrued expenses", Liability, None),
    account("2501", "长期借款", "Long-term loans", Liability, None),
    account("2502", "长期应付款", "Long-term payables", Liability, None),
    account("2503", "预计负债", "Provisions", Liability, None),
    account("2601", "受托代理负债", "Agency liabilities", Liability, None),
    account(
        "3101",
        "非限定性净资产",
        "Unrestricted net assets",
        NetAssets,
        Unrestricted,
    ),
    account("3102", "限定性净资产", "Restricted net assets", NetAssets, Restricted),
    account(
        "3201",
        "以前年度净资产调整",
        "Prior-year net asset adjustments",
        NetAssets,
        None,
    ),
    account("4101", "捐赠收入", "Donation income", Income, None),
    account(
        "410101",
        "捐赠收入——非限定性",
        "Donation income, unrestricted",
        Income,
        Unrestricted,
    ),
    account(
        "410102",
        "捐赠收入——限定性",
        "Donation income, restricted",
        Income,
        Restricted,
    ),
    account("4201", "会费收入", "Membership dues", Income, None),
    account(
        "420101",
        "会费收入——非限定性",
        "Membership dues, unrestricted",
        Income,
        Unrestricted,
    ),
    account(
        "420102",
        "会费收入——限定性",
        "Membership dues, restricted",
        Income,
        Restricted,
    ),
    account("4301", "提供服务收入", "Service income", Income, None),
    account(
        "430101",
        "提供服务收入——非限定性",
        "Service income, unrestricted",
        Income,
        Unrestricted,
    ),
    account(
        "430102",
        "提供服务收入——限定性",
        "Service income, restricted",
        Income,
        Restricted,
    ),
    account("4401", "政府补助收入", "Government grants", Income, None),
    account(
        "440101",
        "政府补助收入——非限定性",
        "Government grants, unrestricted",
        Income,
        Unrestricted,
    ),
    account(
        "440102",
        "政府补助收入——限定性",
        "Government grants, restricted",
        Income,
        Restricted,
    ),
    account("4501", "商品销售收入", "Sales of goods", Income, None),
    account(
        "450101",
        "商品销售收入——非限定性",
        "Sales of goods, unrestricted",
        Income,
        Unrestricted,
    ),
    account(
        "450102",
        "商品销售收入——限定性",
        "Sales of goods, restricted",
        Income,
        Restricted,
    ),
    account("4601", "投资收益", "Investment income", Income, None),
    account(
        "460101",
        "投资收益——非限定性",
        "Investment income, unrestricted",
        Income,
        Unrestricted,
    ),
    account(
        "460102",
        "投资收益——限定性",
        "Investment income, restricted",
        Income,
        Restricted,
    ),
    account("4701", "总部拨款收入", "Head-office funding", Income, None),
    account(
        "470101",
        "总部拨款收入——非限定性",
        "Head-office funding, unrestricted",
        Income,
        Unrestricted,
    ),
    account(
        "470102",
        "总部拨款收入——限定性",
        "Head-office funding, restricted",
        Income,
        Restricted,
    ),
    account("4901", "其他收入", "Other income", Income, None),
    account(
        "490101",
        "其他收入——非限定性",
        "Other income, unrestricted",
        Income,
        Unrestricted,
    ),
    account(
        "490102",
        "其他收入——限定性",
        "Other income, restricted",
        Income,
        Restricted,
    ),
    account("5101", "业务活动成本", "Programme costs", Expense, None),
    account(
        "510101",
        "业务活动成本——非限定性",
        "Programme costs, unrestricted",
        Expense,
        Unrestricted,
    ),
    account(
        "510102",
        "业务活动成本——限定性",
        "Programme costs, restricted",
        Expense,
        Restricted,
    ),
    account("5201", "税金及附加", "Taxes and surcharges", Expense, None),
    account(
        "520101",
        "税金及附加——非限定性",
        "Taxes and surcharges, unrestricted",
        Expense,
        Unrestricted,
    ),
    account(
        "520102",
        "税金及附加——限定性",
        "Taxes and surcharges, restricted",
        Expense,
        Restricted,
    ),
    account("5301", "管理费用", "Management costs", Expense, None),
    account(
        "530101",
        "管理费用——非限定性",
        "Management costs, unrestricted",
        Expense,
        Unrestricted,
    ),
    account(
        "530102",
        "管理费用——限定性",
        "Management costs, restricted",
        Expense,
        Restricted,
    ),
    account("5401", "筹资费用", "Fundraising and financing costs", Expense, None),
    account(
        "540101",
        "筹资费用——非限定性",
        "Fundraising and financing costs, unrestricted",
        Expense,
        Unrestricted,
    ),
    account(
        "54010101",
        "筹资费用——非限定性——募捐成本",
        "Cost of raising donations, unrestricted",
        Expense,
        Unrestricted,
    ),
    account(
        "540102",
        "筹资费用——限定性",
        "Fundraising and financing costs, restricted",
        Expense,
        Restricted,
    ),
    account(
        "54010201",
        "筹资费用——限定性——募捐成本",
        "Cost of raising donations, restricted",
        Expense,
        Restricted,
    ),
    account("5501", "资产减值损失", "Impairment losses", Expense, None),
    account(
        "550101",
        "资产减值损失——非限定性",
        "Impairment losses, unrestricted",
        Expense,
        Unrestricted,
    ),
    account(
        "550102",
        "资产减值损失——限定性",
        "Impairment losses, restricted",
        Expense,
        Restricted,
    ),
    account("5601", "所得税费用", "Income tax", Expense, None),
    account(
        "560101",
        "所得税费用——非限定性",
        "Income tax, unrestricted",
        Expense,
        Unrestricted,
    ),
    account(
        "560102",
        "所得税费用——限定性",
        "Income tax, restricted",
        Expense,
        Restricted,
    ),
    account("5901", "其他费用", "Other expenses", Expense, None),
    account(
        "590101",
        "其他费用——非限定性",
        "Other expenses, unrestricted",
        Expense,
        Unrestricted,
    ),
    account(
        "590102",
        "其他费用——限定性",
        "Other expenses, restricted",
        Expense,
        Restricted,
    ),
];

impl AccountCode {
    /// Cash at the counter.
    pub const CASH: Self = Self("1001");
    /// Cash held for others.
    pub const CASH_AGENCY: Self = Self("100101");
    /// Bank deposits.
    pub const BANK: Self = Self("1002");
    /// Bank deposits held for others.
    pub const BANK_AGENCY: Self = Self("100201");
    /// Balances with WeChat, Alipay and other payment institutions.
    pub const PAYMENT_INSTITUTIONS: Self = Self("100901");
    /// What others owe: sponsors for their matches until a pool is settled.
    pub const OTHER_RECEIVABLES: Self = Self("1122");
    /// Such balances held for others.
    pub const PAYMENT_INSTITUTIONS_AGENCY: Self = Self("100902");
    /// Goods in store.
    pub const INVENTORIES: Self = Self("1201");
    /// Goods held for others.
    pub const AGENCY_ASSETS: Self = Self("1801");
    /// What is owed to those for whom money or goods are held.
    pub const AGENCY_LIABILITY: Self = Self("2601");
    /// Unrestricted net assets.
    pub const NET_UNRESTRICTED: Self = Self("3101");
    /// Restricted net assets.
    pub const NET_RESTRICTED: Self = Self("3102");
    /// Donation income without limits.
    pub const DONATIONS_UNRESTRICTED: Self = Self("410101");
    /// Donation income limited by its giver.
    pub const DONATIONS_RESTRICTED: Self = Self("410102");
    /// Grants of authorities, unrestricted.
    pub const GRANTS_UNRESTRICTED: Self = Self("440101");
    /// Grants of authorities, restricted.
    pub const GRANTS_RESTRICTED: Self = Self("440102");
    /// Other income, unrestricted.
    pub const OTHER_INCOME_UNRESTRICTED: Self = Self("490101");
    /// Other income, restricted.
    pub const OTHER_INCOME_RESTRICTED: Self = Self("490102");
    /// Programme costs from unrestricted money.
    pub const PROGRAMME_UNRESTRICTED: Self = Self("510101");
    /// Programme costs from restricted money.
    pub const PROGRAMME_RESTRICTED: Self = Self("510102");
    /// Management costs from unrestricted money.
    pub const MANAGEMENT_UNRESTRICTED: Self = Self("530101");
    /// Management costs from restricted money.
    pub const MANAGEMENT_RESTRICTED: Self = Self("530102");
    /// Fees of payment institutions and banks, unrestricted.
    pub const FINANCING_UNRESTRICTED: Self = Self("540101");
    /// Fees of payment institutions and banks, restricted.
    pub const FINANCING_RESTRICTED: Self = Self("540102");
    /// Cost of raising donations (募捐成本), unrestricted.
    pub const FUNDRAISING_UNRESTRICTED: Self = Self("54010101");
    /// Cost of raising donations (募捐成本), restricted.
    pub const FUNDRAISING_RESTRICTED: Self = Self("54010201");
    /// Sales of goods that no giver limited.
    pub const SALES_UNRESTRICTED: Self = Self("450101");
    /// Sales of goods whose giver said for whom.
    pub const SALES_RESTRICTED: Self = Self("450102");
    /// The codes named here, for the test that finds each in the chart.
    pub const NAMED: &[Self] = &[
        Self::CASH,
        Self::CASH_AGENCY,
        Self::BANK,
        Self::BANK_AGENCY,
        Self::PAYMENT_INSTITUTIONS,
        Self::PAYMENT_INSTITUTIONS_AGENCY,
        Self::AGENCY_LIABILITY,
        Self::NET_UNRESTRICTED,
        Self::NET_RESTRICTED,
        Self::DONATIONS_UNRESTRICTED,
        Self::DONATIONS_RESTRICTED,
        Self::INVENTORIES,
        Self::AGENCY_ASSETS,
        Self::GRANTS_UNRESTRICTED,
        Self::GRANTS_RESTRICTED,
        Self::OTHER_INCOME_UNRESTRICTED,
        Self::OTHER_INCOME_RESTRICTED,
        Self::PROGRAMME_UNRESTRICTED,
        Self::PROGRAMME_RESTRICTED,
        Self::MANAGEMENT_UNRESTRICTED,
        Self::MANAGEMENT_RESTRICTED,
        Self::FINANCING_UNRESTRICTED,
        Self::FINANCING_RESTRICTED,
        Self::FUNDRAISING_UNRESTRICTED,
        Self::FUNDRAISING_RESTRICTED,
        Self::SALES_UNRESTRICTED,
        Self::SALES_RESTRICTED,
    ];
}
