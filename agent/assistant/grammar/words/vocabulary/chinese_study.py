"""Chinese vocabulary: what is studied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agent.assistant.grammar.words.vocabulary.table import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    (
        "TOPIC",
        "us_momentum",
        (
            "动量|动量策略|动量因子|动量效应|趋势|趋势跟踪|趋势策略|强势股|追涨|横截面动量|截面动量"
            "|惯性"
        ),
    ),
    (
        "TOPIC",
        "us_reversal",
        (
            "反转|反转策略|反转因子|反转效应|均值回归|均值回复|短期反转|短期均值回归|超跌|超跌反弹"
            "|抄底|逆向|逆向策略|回归策略"
        ),
    ),
    ("RANKED", "us_momentum", "赢家"),
    ("RANKED", "us_reversal", "输家"),
    ("FEATURE", "volatility", "波动率|波动|已实现波动率"),
    ("FEATURE", "relative_volume", "成交量|交易量|相对成交量|量比"),
    ("SERIES", "$dispersion", "离散度|横截面离散度|分化度"),
    ("SERIES", "$breadth", "市场宽度|宽度"),
    ("SERIES", "$average_correlation", "相关性|平均相关性|市场相关性|相关系数|平均相关系数"),
    ("SERIES", "$equal_weight_return", "市场收益|市场收益率|等权收益"),
    ("LABEL", None, "标签|预测目标|目标变量|预测|标签为|标签用|标签取"),
    ("NEXT", None, "未来|下一|后续|未来的"),
    ("MARKET", None, "市场|整个市场|大盘"),
    (
        "WINDOW",
        None,
        ("窗口|周期|窗口期|回看期|回看|回溯期|回溯|观察期|形成期|时间窗|时间窗口|滚动窗口"),
    ),
    (
        "DETECTOR",
        "drift",
        (
            "漂移|概念漂移|漂移检测|漂移检测器|结构突变|突变点|变点|变点检测|状态切换|机制转换"
            "|状态变化|结构变化"
        ),
    ),
    (
        "DETECTOR",
        "anomaly",
        ("异常|异常点|异常值|异常检测|异常检测器|离群|离群点|离群值|异常日|异常波动检测"),
    ),
    ("DETECTOR", "anomaly:half_space_trees", "半空间树"),
    ("DETECTOR", "anomaly:gaussian_scorer", "高斯打分|高斯评分"),
    ("DETECTOR", "anomaly:one_class_svm", "单类支持向量机|一类支持向量机"),
    ("DETECTOR", "cluster", "聚类变化|聚类漂移|聚类突变"),
    ("DETECTOR", "cluster:stream_kmeans", "流式k均值|k均值"),
    ("OTHER_DETECTOR", None, "孤立森林|聚类|自编码器|局部离群因子|隐马尔可夫"),
    ("PARAMETER", "n_trees", "棵树"),
    ("PARAMETER", "quantile", "分位数阈值|分位数"),
    ("PARAMETER", "threshold", "阈值"),
    ("PARAMETER", "n_clusters", "个簇|簇数|聚类数"),
    ("PARAMETER", "cooldown_bars", "冷却期|冷却"),
    ("NORMALISE", "rank", "排名|排序|横截面排名|截面排名|横截面排序"),
    ("NORMALISE", "zscore", "标准化|z分数|横截面标准化|截面标准化"),
    ("NORMALISE", "robust_zscore", "稳健标准化"),
    ("NORMALISE", "none", "不标准化|不做标准化|原始特征|不归一化"),
    ("ADJUST", True, "复权|后复权|前复权|复权价|复权价格"),
    ("ADJUST", False, "不复权|未复权|不复权价格|原始价格"),
)
"""Kind, value, phrases separated by bars."""
