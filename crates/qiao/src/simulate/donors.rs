//! Names of people who do not exist.

use kernel::{Rng as _, SeededRng};

const SURNAMES: [&str; 40] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马",
    "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈", "曾",
    "彭", "吕",
];
const GIVEN: [&str; 40] = [
    "示明", "示华", "晓样", "样宁", "例芳", "例军", "试岚", "试远", "演林", "演洁", "样涛", "示雪", "例晨", "试梅",
    "演峰", "示", "样", "例", "试", "演", "晓例", "晓试", "文样", "文示", "海例", "海演", "春样", "春试", "秋示",
    "秋例", "冬样", "小示", "小例", "小演", "大样", "云试", "云例", "星演", "星示", "月样",
];
const BODIES: [&str; 6] = [
    "演示食品有限公司",
    "示例第一中学",
    "样例村民委员会",
    "示范运输有限公司",
    "样板志愿者协会",
    "演示机械集团",
];

/// A made-up name: mostly persons, now and then a firm or a school.
pub fn name(rng: &SeededRng) -> String {
    if rng.below(100) < 2 {
        return pick(&BODIES, rng).to_owned();
    }
    format!("{}{}", pick(&SURNAMES, rng), pick(&GIVEN, rng))
}

fn pick<'t>(from: &[&'t str], rng: &SeededRng) -> &'t str {
    from[rng.below(from.len() as u64) as usize]
}
