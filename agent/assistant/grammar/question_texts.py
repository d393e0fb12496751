"""What the assistant can ask, worded in the languages that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "unused": (
        'I did not use: "{words}". What should it change? (Or leave it out.)',
        "我没有用到：“{words}”。它应当改变什么？（也可以去掉它。）",
    ),
    "unused_near": (
        'I did not use: "{words}". Did you mean "{near}"?',
        "我没有用到：“{words}”。您是说“{near}”吗？",
    ),
    "ticker": (
        (
            'I did not use: "{words}". If it is a symbol: the sample prices are of {known}; for '
            "others, `qraft data load FILE` and a TaskSpec of your own."
        ),
        (
            "我没有用到：“{words}”。如果它是股票代码：样本数据只有 {known}；其他股票请用 "
            "`qraft data load FILE` 载入，并自己写 TaskSpec。"
        ),
    ),
    "elsewhere": (
        (
            'I did not use: "{words}". {a} is not in the sample prices, which are of {known}; for '
            "others, `qraft data load FILE` and a TaskSpec of your own."
        ),
        (
            "我没有用到：“{words}”。样本数据里没有 {a}，只有 {known}；其他数据请用 "
            "`qraft data load FILE` 载入，并自己写 TaskSpec。"
        ),
    ),
    "file_period": (
        (
            'I did not use: "{words}". It counts from the first or last day of the prices, and I '
            "do not know those of a file. From which day to which?"
        ),
        "我没有用到：“{words}”。它从数据的第一天或最后一天算起，而文件的日期我不知道。请说明从哪天到哪天。",
    ),
    "file_symbols": (
        (
            'I did not use: "{words}". What else is in a file I do not know. Which symbols should '
            "be studied?"
        ),
        "我没有用到：“{words}”。文件里还有哪些代码我不知道。请说明研究哪些代码。",
    ),
    "file_ticker": (
        (
            'I did not use: "{words}". If it is a symbol: which ones are in your file I do not '
            "know before it is read. Name it under `data.symbols` of the saved TaskSpec "
            "(`--save STUDY.yaml`), or leave it out."
        ),
        (
            "我没有用到：“{words}”。如果它是代码：读取之前我不知道您的文件里有哪些代码。请用 "
            "`--save STUDY.yaml` 保存 TaskSpec，再写在 `data.symbols` 里，或去掉它。"
        ),
    ),
    "file_elsewhere": (
        (
            'I did not use: "{words}". Whether {a} is in your file, and under which symbol, I do '
            "not know before it is read. Name its symbol in the saved TaskSpec (`--save "
            "STUDY.yaml`), or leave it out."
        ),
        (
            "我没有用到：“{words}”。读取之前我不知道您的文件里有没有 {a}，也不知道它的代码。请用 "
            "`--save STUDY.yaml` 保存 TaskSpec，再写上它的代码，或去掉它。"
        ),
    ),
    "file_frequency": (
        (
            'I cannot do "{words}": decisions are taken every day, every week, every month, or so '
            "many days apart (as `every 63 days`). Which one?"
        ),
        "无法做到“{words}”：可以每天、每周、每月，或每隔若干天（例如“每63天”）决策。选哪个？",
    ),
    "condition": (
        (
            'I did not use the condition "{words}": a study trades at all times. What should it '
            "change? (Or leave it out.)"
        ),
        "我没有用到条件“{words}”：研究在所有时间交易。它应当改变什么？（也可以去掉它。）",
    ),
    "feature": (
        (
            'I did not use: "{words}". The study computes it and watches it for patterns, but its '
            "signal is {a} alone. Say its window (as `20-day {b}`), or leave it out."
        ),
        (
            "我没有用到：“{words}”。本研究会计算并监测它，但信号只用{a}。请说明窗口（例如“20日{b}”"
            "），或去掉它。"
        ),
    ),
    "no_study": (
        "Which idea should be studied: {choices}?",
        "想研究哪个思路：{choices}？",
    ),
    "two_studies": (
        'Both "{words}" are named, and a study has one signal. Which one: {choices}?',
        "提到了“{words}”，而一项研究只有一个信号。选哪个：{choices}？",
    ),
    "contradiction": (
        'Both "{words}" are said about {key}. Which one holds?',
        "关于 {key} 同时说了“{words}”。以哪个为准？",
    ),
    "day_or_month": (
        'Is "{words}" {a} or {b}?',
        "“{words}”是 {a} 还是 {b}？",
    ),
    "month_or_year": (
        'Is "{words}" the month {a}, or the years {b}?',
        "“{words}”是指 {a} 这个月，还是 {b} 这几年？",
    ),
    "backwards": (
        'The period "{words}" ends before it begins ({a} to {b}). Which days are meant?',
        "区间“{words}”的结束早于开始（{a} 到 {b}）。应当是哪几天？",
    ),
    "after": (
        'Does "{words}" begin on {a} or on {b}?',
        "“{words}”从 {a} 还是从 {b} 开始？",
    ),
    "one_day": (
        '"{words}" is a single day; a study needs a period. From when to when?',
        "“{words}”只有一天；研究需要一段时间。从什么时候到什么时候？",
    ),
    "last_unit": (
        (
            'Does "{words}" mean the last full calendar {a}, or as long back from the last day of '
            "the prices ({last})? Say the dates."
        ),
        "“{words}”是指上一个完整的自然{a}，还是从数据最后一天（{last}）往前数？请直接说日期。",
    ),
    "first_or_last": (
        'Does "{words}" mean the first or the most recent {a} of the prices?',
        "“{words}”是指数据的头{a}还是最近{a}？",
    ),
    "window_or_period": (
        (
            'Is "{words}" the window of the feature (as `{a} momentum`), or the period of the '
            "study (from when to when)?"
        ),
        "“{words}”是特征的窗口，还是研究的时间区间？",
    ),
    "rhythm_or_window": (
        (
            'Is "{words}" how often to trade (as `rebalanced weekly`), or the window of the '
            "feature (as `5-day`)?"
        ),
        "“{words}”是调仓频率（例如“每周调仓”），还是特征的窗口（例如“5日”）？",
    ),
    "frequency": (
        (
            'I cannot do "{words}": the sample prices are daily, and decisions are taken every '
            "day, every week, every month, or so many days apart (as `every 63 days`). Which one?"
        ),
        "无法做到“{words}”：样本数据是日线，可以每天、每周、每月，或每隔若干天（例如“每63天”）决策。选哪个？",
    ),
    "both_sides": (
        'Is "{words}" charged on each side, or is it the sum of buying and selling (a round trip)?',
        "“{words}”是买卖各收这么多，还是买卖合计（一个来回）？",
    ),
    "cost_unit": (
        'In which unit is "{words}": basis points (bps), percent, or money (minimum fee)?',
        "“{words}”的单位是什么：基点（bps）、百分比，还是金额（最低手续费）？",
    ),
    "detector": (
        (
            'There is no detector "{words}". Drift is found by ADWIN, Page-Hinkley, KSWIN, HDDM, '
            "DDM, EDDM or FHDDM; anomalies by half-space trees, a Gaussian scorer, a one-class "
            "SVM, LODA or an ensemble; changes of clusters by stream k-means or DBSTREAM: which "
            "one? (Or leave it out.)"
        ),
        (
            "没有“{words}”这个检测器。漂移可用 ADWIN、Page-Hinkley、KSWIN、HDDM、DDM、EDDM、FHDDM，"
            "异常可用半空间树、高斯打分、单类支持向量机、LODA，聚类变化可用流式k均值、DBSTREAM：用哪个？"
            "（也可以去掉它。）"
        ),
    ),
    "outside": (
        'The prices go from {first} to {last}; "{words}" reaches beyond. Which period?',
        "样本数据从 {first} 到 {last}；“{words}”超出了这个范围。用哪个区间？",
    ),
    "no_days": (
        '"{words}" leaves no period: it begins on {a} and ends on {b}. Which days are meant?',
        "“{words}”没有留下时间：从 {a} 开始，到 {b} 结束。应当是哪几天？",
    ),
    "relative_to_what": (
        (
            '"{words}": are the years counted back from the end of the period or from the end of '
            "the prices? Say the dates."
        ),
        "“{words}”：是从区间末尾往前数，还是从数据末尾往前数？请直接说日期。",
    ),
    "too_short": (
        (
            'The period has about {a} bars, and "{b}" looks back on {c}: almost nothing would be '
            "left to trade. A longer period, or a shorter window?"
        ),
        (
            "这段时间约有 {a} 根K线，而“{b}”要回看 {c} 根：几乎没有可交易的时间。要更长的区间，还是"
            "更短的窗口？"
        ),
    ),
    "no_prices": (
        "{a} has prices only from {b} on, after the period ends. Another period, or without {a}?",
        "{a} 的数据从 {b} 才开始，晚于区间的结束。换一个区间，还是去掉 {a}？",
    ),
    "one_symbol": (
        (
            "Symbols are ranked against each other, and there is only {a}. Which others? (All: "
            "{known}.)"
        ),
        "策略要在股票之间排名，而这里只有 {a}。还要加哪些？（全部：{known}。）",
    ),
    "file_one_symbol": (
        "Symbols are ranked against each other, and there is only {a}. Which others of your file?",
        "策略要在代码之间排名，而这里只有 {a}。还要加您文件里的哪些？",
    ),
    "no_symbols": (
        'Nothing is left when "{words}" is left out. Which symbols are to stay?',
        "去掉“{words}”之后什么也不剩。保留哪些股票？",
    ),
    "holds_all": (
        "Holding {a} of {b} symbols leaves nothing to choose. How many should be held?",
        "在 {b} 只股票里持有 {a} 只，就没有可选的了。应当持有几只？",
    ),
    "drops_all": (
        (
            "Holding {a} and replacing up to {b} at one time needs {d} symbols, and there are {c}. "
            "How many should be held, and how many replaced?"
        ),
        (
            "持有 {a} 只、每次最多替换 {b} 只，需要 {d} 只股票，而这里只有 {c} 只。应当持有几只、"
            "替换几只？"
        ),
    ),
    "drops_more": (
        "At most {a} of the {b} held can be replaced at one time, not {c}. How many?",
        "持有 {b} 只时，每次最多替换 {a} 只，而不是 {c} 只。应当替换几只？",
    ),
    "benchmark_missing": (
        "The benchmark {a} is not among the symbols studied ({b}). Add it, or another benchmark?",
        "基准 {a} 不在所研究的股票（{b}）之中。加上它，还是换一个基准？",
    ),
    "count_differs": (
        'I did not use: "{words}". There are {b} symbols. What is {a}: how many to hold?',
        "我没有用到：“{words}”。股票共有 {b} 只。{a} 是要持有的数量吗？",
    ),
    "feature_missing": (
        "The study {a} has no {b}. Which one did you mean?",
        "研究 {a} 没有 {b}。您指的是哪一个？",
    ),
    "finer_bars": (
        (
            'I cannot do "{words}": the sample prices are daily. Finer bars need a file of '
            "your own (`qraft data load FILE`, then a TaskSpec with data.frequency or "
            "aggregation.bars). Use daily bars?"
        ),
        (
            "无法做到“{words}”：样本数据是日线。更细的K线需要您自己的文件（`qraft data load "
            "FILE`，再在 TaskSpec 里写 data.frequency 或 aggregation.bars）。用日线吗？"
        ),
    ),
    "bars_of": (
        'How many {a} bars is "{words}"? It is not a whole number of them.',
        "“{words}”是多少根 {a} K线？它不是整数根。",
    ),
    "coarse_window": (
        'With "{words}" windows count {b} bars. How long does {a} look back (as `26-week {a}`)?',
        "用“{words}”时，窗口按 {b} K线计数。{a} 回看多长？",
    ),
    "factor": (
        'To which share of their size does "{words}" cut positions (as `reduce positions to 50%`)?',
        "“{words}”把仓位降到多少（例如“减仓到50%”）？",
    ),
    "model": (
        'There is no model "{words}". The models are LightGBM and linear: which one?',
        "没有“{words}”这个模型。可用 LightGBM 或线性模型：用哪个？",
    ),
    "no_model": (
        'Which model is "{words}" about: LightGBM or linear? (Or leave it out.)',
        "“{words}”说的是哪个模型：LightGBM 还是线性模型？（也可以去掉它。）",
    ),
    "ridge": (
        'How large is the penalty of "{words}" (as `ridge alpha 1.0`)?',
        "“{words}”的惩罚系数是多少（例如“岭回归 alpha 1.0”）？",
    ),
    "set_unused": (
        (
            'What should learn from "{words}": LightGBM or a linear model? The signal is {a} '
            "alone. (Or leave it out.)"
        ),
        "用什么模型学习“{words}”：LightGBM 还是线性模型？目前信号只用 {a}。（也可以去掉它。）",
    ),
    "neutral": (
        (
            'I cannot do "{words}" from a sentence: features can be neutralised against the market '
            "(say `market-neutralised`), or by groups from a file, in a TaskSpec of your own."
        ),
        (
            "仅凭一句话做不到“{words}”：特征可以对市场中性化（请说“市场中性化”），按行业等分组需要文件，请自己"
            "写 TaskSpec。"
        ),
    ),
    "schedule_zone": (
        'In which time zone is "{a}" (as `New York time`)?',
        "“{a}”是哪个时区的时间（例如“纽约时间”）？",
    ),
    "whose_window": (
        'Is "{words}" the window of the detector or of the feature?',
        "“{words}”里的窗口是检测器的，还是特征的？",
    ),
    "model_differs": (
        '"{words}" means {key} {a}, and the model\'s plan has {b}. Which one holds?',
        "“{words}”的意思是 {key} {a}，而模型的计划是 {b}。以哪个为准？",
    ),
    "model_unsaid": (
        "The model set {key} to {a}, and nothing in the prompt says so. Keep it?",
        "模型把 {key} 设为 {a}，而提示中没有这样说。保留吗？",
    ),
    "models_differ": (
        "The models do not agree on {key} ({a}). Which one holds?",
        "各模型对 {key} 意见不一（{a}）。以哪个为准？",
    ),
    "refused": (
        "The TaskSpec would not be valid: {a}. What instead? (Or leave it out.)",
        "这样的 TaskSpec 无效：{a}。应当改成什么？（也可以去掉它。）",
    ),
}
"""By what they are about: English, Chinese."""
