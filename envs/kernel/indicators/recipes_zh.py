"""How each indicator is computed and which bias it has, in Chinese; the registry holds the English."""

from __future__ import annotations

_GRAVITY = (
    "全体就业者和各种出行方式共用一个距离衰减；就业分布沿用基年；"
    "方案也可能因租户外迁而缩短平均通勤，请与受影响居民的均值一并阅读。"
)
_AFFECTED = "改造村的户籍居民和租户（无论住在何处）以及新迁入者，第1年至期末各年均值；空方案无定义。"
_AFFECTED_BIAS = "外迁居民按其迁入分区居民的方式通勤。"
_ACCESS = (
    "达标程度以1封顶，一处富余不能弥补另一处不足；地点是有面积的区域，分区越大结果越平滑："
    "renewal bench 给出分区减半时的变化。"
)
_MIX = "按各类用地的固定构成计算，不随需求变化。"
_DISPLACED = "全体租户共用一个返租比例；开工前已离开的不计。"
_DOMESTIC = "全市生活用量不变：居民只是迁移。"
_CATEGORIES = {
    "education": "教育",
    "health": "医疗",
    "elderly_care": "养老",
    "culture": "文化",
    "sports": "体育",
    "daily_commerce": "便民商业",
    "green_space": "绿地",
}

RECIPES_ZH: dict[str, tuple[str, str]] = {
    "net_present_value_cny": (
        "全部村逐年净现金流之和，按实际折现率 finance.discount_rate 折现，第0年不折现。",
        "税费和土地款属转移支付，不计入。用于筛选，不是项目评估。",
    ),
    "total_profit_cny": ("逐年净现金流之和，不折现，含期末价值。", "不考虑时间价值，请与净现值一并阅读。"),
    "total_cost_cny": ("项目账户全部成本之和，不折现。", "单位成本全市统一；融资成本不在账户内。"),
    "max_annual_cost_cny": ("各年成本之和的最大值。", "成本在建设期内均匀分摊；实际支付更集中，真实峰值更高。"),
    "return_on_cost_ratio": ("收入现值 / 成本现值 - 1；空方案无定义。", "不反映规模；补偿计为成本，税费和土地款不计。"),
    "internal_rate_of_return": (
        "使净现值为零的折现率，在 -50 % 至 200 % 内搜索；不存在或多解时无定义。",
        "不反映规模；现金流多次变号时可能无定义。",
    ),
    "payback_year": (
        "累计净现金流自此不再为负的第一年；始终为负则无定义。",
        "启动晚的方案回收必然晚；期末价值计在最后一年。",
    ),
    "peak_funding_cny": ("项目账户累计赤字的最深处。", "按年汇总，掩盖年内缺口；各村共用一个账户。"),
    "loan_cover_ratio": (
        "自峰值年起的净现金流按 finance.loan_rate_real 折至峰值年的现值 / 资金需求峰值。",
        "假设全项目一笔贷款、在峰值时提取；期末价值计在最后一年。",
    ),
    "residual_land_value_cny": (
        "开发商净收入现值减成本，再减按销售额计的开发利润 finance.developer_margin。",
        "利润率和价格路径各只有一个；开发商对风险的要价不在其内。",
    ),
    "developer_npv_cny": ("商品房销售的利润；其余归土地价款。", "按定义为销售额的一定比例，不代表任何一家开发商。"),
    "government_npv_cny": (
        "收到的土地价值和税费，减补偿、安置、公共设施、基础设施和整治支出。",
        "假设剩余法土地价值全部付清；设施运营支出不计。",
    ),
    "taxes_cny": ("商品房销售额 x finance.tax_and_fees，在项目账户之外缴纳。", "以单一费率代表全部税制。"),
    "mean_commute_km": ("双约束重力模型的全体就业者平均通勤距离，第1年至期末各年均值。", _GRAVITY),
    "mean_commute_min": ("全体就业者平均门到门时间，第1年至期末各年均值。", _GRAVITY),
    "mean_commute_min_affected": (f"平均门到门时间：{_AFFECTED}", _AFFECTED_BIAS),
    "commute_over_45_min_share": (
        "通勤超过45分钟的就业者占比，同一起讫点内按对数正态分布，全体就业者，第1年至期末各年均值。",
        _GRAVITY,
    ),
    "commute_over_45_min_share_affected": (f"通勤超过45分钟的占比：{_AFFECTED}", _AFFECTED_BIAS),
    "commute_over_60_min_share": (
        "通勤超过60分钟的就业者占比，同一起讫点内按对数正态分布，全体就业者，第1年至期末各年均值。",
        _GRAVITY,
    ),
    "commute_over_60_min_share_affected": (f"通勤超过60分钟的占比：{_AFFECTED}", _AFFECTED_BIAS),
    "mean_commute_km_affected": (f"平均通勤距离：{_AFFECTED}", _AFFECTED_BIAS),
    "service_accessibility": (
        "各类设施按权重合成的达标程度（两步移动搜索法）对居民的均值，第1年至期末各年均值。",
        _ACCESS,
    ),
    "service_accessibility_villages": ("同上，仅对城中村居民；村内无人居住的年份不计。", _ACCESS),
    **{
        f"accessibility_{name}": (f"居民对{word}标准 std.{name} 的平均达标程度，第1年至期末各年均值。", _ACCESS)
        for name, word in _CATEGORIES.items()
    },
    "accessibility_gini": (
        "最后一年各居民合成达标程度的基尼系数。",
        "同一地点的居民视为相同；封顶使差距偏小。",
    ),
    "all_categories_met_share": (
        "各类设施全部达标的居民占比，第1年至期末各年均值。",
        "略低于某一标准的地点即计为不达标。",
    ),
    "mean_facility_distance_km": (
        "居民到最近有供给地点的距离，按居民和设施类别加权，最后一年。",
        "不考虑容量；同一地点内取圆盘上两点间的距离。",
    ),
    "renewed_villages": ("有启动年份的村数。", "不论大小，每村计一。"),
    "renewed_area_m2": ("改造村的用地面积。", "整个用地，含道路和不可建设用地。"),
    "new_floor_area_m2": ("新建总建筑面积 G。", "为总建筑面积；实际使用面积较小，差额未建模。"),
    "new_commodity_floor_m2": ("用于出售的住房。", _MIX),
    "new_rental_floor_m2": ("用于出租的住房。", _MIX),
    "new_employment_floor_m2": ("就业用房。", "按各类用地的固定构成计算；企业不来时可能空置。"),
    "resettlement_floor_m2": ("回迁居民的住房。", "全市统一的人均安置面积。"),
    "facility_floor_m2": ("新建和改建的公共设施面积。", "按基年短缺分配；人员和运营未建模。"),
    "green_land_m2": ("由不可建设用地中划出。", "按不可建设用地的固定比例，不论其形状。"),
    "demolished_floor_m2": ("拆除的既有建筑面积。", "取决于城市数据中既有建筑面积的质量。"),
    "demolished_share": ("改造村中拆除面积 / 既有面积；空方案无定义。", "整村拆除新建按定义为1。"),
    "demolished_legal_share": ("拆除的合法建筑面积 / 全部村的合法建筑面积。", "每村一个合法比例，取决于城市数据。"),
    "new_to_demolished_ratio": ("新建面积 / 拆除面积；无拆除时无定义。", "不反映保留的面积。"),
    "heritage_floor_lost_m2": ("不允许拆建的村中被拆除的面积。", "保护以整村为单位标记；单栋保护建筑未知。"),
    "population_before_persons": ("基年户籍居民与租户。", "租户为基年人数，随季节和租金变动。"),
    "population_after_persons": ("最后一年改造村的居民。", "租户按住房容量返回；租金负担能力不构成限制。"),
    "displaced_registered_persons": ("离开的户籍居民减返回者。", "以全市统一的就地安置比例代替各户选择。"),
    "displaced_tenants_persons": ("离开的租户减返回者。", _DISPLACED),
    "displaced_tenants_share": ("外迁租户 / 全部村的租户。", _DISPLACED),
    "newcomers_persons": ("迁入新商品房和富余租赁住房的分区居民。", "新房按同一去化路径入住，不论价格。"),
    "social_tie_share": ("（全部村户籍居民 - 未返回者）/ 全部村户籍居民。", "计人数，不计社会关系本身。"),
    "tenant_rent_ratio": (
        "density.rental_m2 的市场租金 / 原村内 uv.floor_per_migrant 的租金，对返租租户取均值。",
        "人均面积增大和市场租金合为一个数；收入未建模。",
    ),
    "rent_growth_per_yr": ("租金按 price.elasticity 随本区住房存量变化。", "以区为单位；需求不变。"),
    "consent_share": (
        "在所给补偿倍数下户籍户的同意率，对有拆建的村按户籍人口取均值；无拆建时无定义。",
        "按基年价格；群体权重为估计。",
    ),
    "consent_flagged_villages": (
        "有拆建且最高倍数仍达不到 consent.threshold 的村数。",
        "按基年价格，群体权重为估计；协商过程未建模。",
    ),
    "consent_multiplier": (
        "达到 consent.threshold 的最小倍数，对有拆建的村按户籍人口取均值。",
        "按基年价格；一村各户同一倍数，以 consent.cap 封顶。",
    ),
    "land_economic_output_cny_per_yr": (
        "新增就业用房 x output.employment；村集体产业用房不计。",
        "每平方米产出为估计。",
    ),
    "land_economic_output_cny_per_km2_yr": ("新增就业用房的年产出 / 改造面积；空方案无定义。", "每平方米产出为估计。"),
    "embodied_carbon_tco2e": (
        "新建、拆除、整治面积分别 x carbon.embodied_new、.demolition、.retrofit。",
        "不论结构，每平方米一个系数；地下室和基础设施不计。",
    ),
    "operational_carbon_tco2e_per_yr": (
        "改造村建成后的面积 x carbon.operation_residential 或 _public。",
        "外迁者在别处的排放不计。",
    ),
    "commuting_carbon_tco2e_per_yr": (
        "每日往返 x 平均距离 x 就业者 x commute.days x 按方式加权的每公里排放，各年均值。",
        "采用中心城区目前的出行方式结构。",
    ),
    "water_m3_per_yr": ("最后一年居民 x water.domestic + 就业用房 x water.employment。", _DOMESTIC),
    "electricity_kwh_per_yr": ("最后一年居民 x electricity.domestic + 就业用房 x electricity.employment。", _DOMESTIC),
}
"""Indicator -> recipe, known bias."""
