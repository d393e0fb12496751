"""Chinese vocabulary: models, reactions to patterns, and when a study runs again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agent.assistant.grammar.words.vocabulary.table import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    ("MODEL", "lightgbm", "梯度提升|提升树|梯度提升树|lightgbm模型|梯度提升模型"),
    ("MODEL", "linear", "线性模型|线性回归|最小二乘|线性|线性回归模型|最小二乘法"),
    ("RIDGE", None, "岭回归|岭回归模型"),
    ("OTHER_MODEL", None, "神经网络|随机森林|深度学习|支持向量机|机器学习"),
    ("SETWORD", None, "特征|因子集|特征集|因子库|全部因子"),
    ("TRAIN", "train_bars", "训练|训练期|训练窗口|滚动训练|训练集|训练数据|训练长度|训练窗口期"),
    ("TRAIN", "valid_bars", "验证期|验证集|验证窗口"),
    ("TRAIN", "test_bars", "测试期|测试窗口|测试集|预测窗口"),
    ("TRAIN", "embargo_bars", "禁运期|隔离期"),
    ("RETRAIN", None, "重训|重新训练|重训一次|再训练|重新训练一次|更新模型|重新拟合"),
    ("VERIFY", "valid_bars", "验证"),
    ("BECOMES", None, "换成|替换成|替换为|换为|改用|改成用"),
    ("INSTEAD", None, "代替|取代|替代|而不是"),
    ("TESTWORD", "test_bars", "测试"),
    ("OFF", None, "关掉|关了"),
    ("ADD", None, "加上|加入|再加|另加"),
    ("EXPANDING", None, "扩展窗口|扩张窗口|累积训练"),
    ("WALKFORWARD", None, "向前滚动|走步|滚动前进"),
    ("ALPHA", None, "惩罚系数|正则化系数"),
    ("SUSPEND", None, "暂停交易|停止交易|暂停|停止买卖|离场观望|观望|停止开仓|停手"),
    ("SUSPEND", "sell", "清仓|空仓|全部卖出|卖出全部|离场|转为现金|平仓|避险"),
    ("SUSPEND", "hold", "冻结仓位|保持不动|按兵不动|不买不卖"),
    ("HALVE", 0.5, "减半仓位|仓位减半|减半|减仓一半|半仓|仓位降到一半|降到半仓|仓位降低一半"),
    ("REDUCE", None, "减仓|降低仓位|缩减仓位|降仓|减少仓位|仓位降|仓位降低|仓位减少|仓位缩减"),
    ("ONEHALF", 0.5, "一半"),
    ("FOUND", None, "被检测到|发生|被发现"),
    ("CONFIDENCE", None, "置信度|可信度"),
    ("WHEN", None, "如果|当|若|一旦|每当"),
    ("RERUN", None, "重新运行|再次运行|重跑|自动运行|定时运行|触发|重新跑|自动重跑|再跑|再跑一次"),
    (
        "EVENT",
        "partition_created",
        (
            "新数据|新数据到达|新数据到来|新行情|数据更新|有新数据|有新行情|新行情到达|数据到达"
            "|数据更新后|有新数据到达|行情更新"
        ),
    ),
    ("EVENT", "file_arrived", "文件到达|新文件到达|新文件|有新文件|有新文件到达"),
    ("EVENT", "quality_anomaly", "数据质量异常|数据异常"),
    ("EVENT", "signal_promoted", "信号晋级|信号被晋级"),
    ("DAYSET", "1-5", "工作日|周一到周五|周一至周五|星期一到星期五|每个工作日"),
    ("DAYSET", "1", "周一|星期一|每周一"),
    ("DAYSET", "2", "周二|星期二|每周二"),
    ("DAYSET", "3", "周三|星期三|每周三"),
    ("DAYSET", "4", "周四|星期四|每周四"),
    ("DAYSET", "5", "周五|星期五"),
    ("DAYSET", "6", "周六|星期六|每周六"),
    ("DAYSET", "0", "周日|星期日|星期天|每周日"),
    ("FRIDAYS", "5", "每周五|每个周五"),
    ("TRADINGDAILY", "day", "每个交易日"),
    ("AM", 0, "上午|早上|早晨|清晨|凌晨"),
    ("PM", 12, "下午|晚上|傍晚"),
    ("NOON", 12, "中午|正午"),
    ("NOON", 0, "午夜|半夜"),
    ("HALFPAST", 30, "半"),
    ("MINUTEWORD", None, "分"),
    ("OCLOCK", None, "整|钟"),
    ("ZONE", "America/New_York", "纽约时间|纽约|美东时间|美国东部时间|美东"),
    ("ZONE", "America/Chicago", "芝加哥时间"),
    ("ZONE", "Europe/London", "伦敦时间|伦敦"),
    ("ZONE", "Asia/Shanghai", "北京时间|上海时间|北京|上海|中国时间"),
    ("ZONE", "Asia/Hong_Kong", "香港时间|香港"),
    ("ZONE", "Asia/Tokyo", "东京时间|东京"),
    ("ZONE", "UTC", "世界时|世界协调时|格林威治时间"),
)
"""Kind, value, phrases separated by bars."""
