"""The English words that the grammar knows: kind, value, phrases separated by bars."""

from __future__ import annotations

from typing import Any, Final

Row = tuple[str, Any, str]

NUMBERS: Final[tuple[Row, ...]] = (
    *(("UNITS", value, word) for value, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
         "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
         "nineteen"))),
    *(("TENS", 10 * value, word) for value, word in enumerate(
        ("twenty", "thirty", "forty|fourty", "fifty", "sixty", "seventy", "eighty", "ninety"), 2)),
    ("UNITS", 12, "dozen"), ("HUNDRED", 100, "hundred"),
    ("SCALE", 1e3, "thousand|k"), ("SCALE", 1e6, "million|millions|mln|mn|mio"),
    ("SCALE", 1e9, "billion|billions|bn"),
    ("M", 1e6, "m"),
    *(("ORD", value, words) for value, words in enumerate(
        ("first|1st", "second|2nd", "third|3rd", "fourth|4th"), 1)),
)  # fmt: skip

TIME: Final[tuple[Row, ...]] = (
    *(("MONTH", value, words) for value, words in enumerate(
        ("january|jan", "february|feb", "march|mar", "april|apr", "", "june|jun", "july|jul",
         "august|aug", "september|sept|sep", "october|oct", "november|nov", "december|dec"), 1)
      if words),
    ("MAY", 5, "may"),
    ("Q", None, "q"), ("QUARTER", None, "quarter"), ("H", None, "h"), ("HALF", None, "half"),
    ("NTH", None, "st|nd|rd|th"), ("DECADE", None, "s"),
    ("BEGINNING", None, "beginning of|start of|the start of|the beginning of"),
    ("ENDING", None, "end of|the end of"), ("YEARWORD", "year", "year|calendar year|the year"),
    ("NOW", None, "now|today|the present|present|the end|the last day|the latest|the end of the data"
     "|the end of the sample"),
    ("OUTSET", None, "the beginning|the start|the outset"),
    ("UNIT", "day", "day|days|d|trading day|trading days|session|sessions|bar|bars"),
    ("UNIT", "week", "week|weeks|w|wk|wks"),
    ("UNIT", "month", "month|months|mo|mos"),
    ("UNIT", "quarter", "quarters"),
    ("UNIT", "year", "years|y|yr|yrs"),
    ("UNIT", "decade", "decade|decades"),
    ("UNIT", "hour", "hour|hours|hr|hrs"), ("UNIT", "minute", "minute|minutes|min|mins"),
    ("FROM", None, "from|starting|starting in|starting from|starting on|beginning in|beginning"
     "|ranging from"),
    ("BETWEEN", None, "between|in between"),
    ("SINCE", None, "since|ever since|onwards from|from the beginning of"),
    ("ONWARDS", None, "onwards|onward|and on|and later|and after|forward"),
    ("TO", None, "to|through|thru|till|up until|up to and including|ending in|ending on|ending"),
    ("UNTIL", None, "until|up to|up till|not later than"),
    ("BEFORE", None, "before|prior to|earlier than"), ("AFTER", None, "after|later than"),
    ("IN", None, "in|during|within|throughout|for|on|at"),
    ("OVER", None, "over|across"),
    ("LAST", None, "last|past|latest|most recent|recent|previous|trailing|final"),
    ("THIS", None, "this"),
    ("WHOLE", None, "all data|all the data|all available data|whole period|entire period"
     "|full period|whole sample|entire sample|full sample|full history|whole history"
     "|entire history|all history|all years|all the years"),
)  # fmt: skip

STUDY: Final[tuple[Row, ...]] = (
    ("TOPIC", "us_momentum", "momentum|cross-sectional momentum|price momentum|trend following"
     "|trend-following|trend|trends|relative strength|mom|us_momentum"),
    ("TOPIC", "us_reversal", "reversal|reversals|short-term reversal|short-term mean reversion"
     "|mean reversion|mean-reversion|mean reverting|mean-reverting|contrarian|reversion|oversold"
     "|us_reversal"),
    ("RANKED", "us_momentum", "winners|best performers|past winners|recent winners"),
    ("RANKED", "us_reversal", "losers|worst performers|past losers|recent losers"),
    ("FEATURE", "volatility", "volatility|vol|realised volatility|realized volatility"),
    ("FEATURE", "relative_volume", "volume|trading volume|relative volume|relative_volume"),
    ("SERIES", "$dispersion", "dispersion|market dispersion|cross-sectional dispersion"),
    ("SERIES", "$breadth", "breadth|market breadth"),
    ("SERIES", "$average_correlation", "correlation|correlations|average correlation"
     "|market correlation"),
    ("SERIES", "$equal_weight_return", "market return|market returns|equal-weight return"),
    ("MARKET", None, "market|the market|market-wide|market wide"),
    ("WINDOW", None, "window|lookback|look-back|lookback window|lookback period|look back"
     "|formation period|horizon|period"),
    ("DETECTOR", "drift", "drift|drifts|concept drift|regime change|regime changes|regime shift"
     "|regime shifts|change point|change points|changepoint|changepoints|structural break"
     "|structural breaks|drift detection|drift detector|drift detectors|adwin|adwin detector"),
    ("DETECTOR", "anomaly", "anomaly|anomalies|anomalous days|outlier|outliers|anomaly detection"
     "|anomaly detector|anomaly detectors|outlier detection|half space trees|half space tree|hst"
     "|halfspacetrees"),
    ("OTHER_DETECTOR", None, "page hinkley|pagehinkley|kswin|hddm|isolation forest|lof|cusum"
     "|local outlier factor|one-class svm|autoencoder|denstream|dbstream|clustream|cluster change"
     "|cluster changes"),
    ("PARAMETER", "detection.drift.delta", "delta|adwin delta"),
    ("PARAMETER", "detection.anomaly.n_trees", "trees|n_trees"),
    ("PARAMETER", "detection.anomaly.quantile", "quantile"),
    ("NORMALISE", "rank", "rank|ranks|ranked|ranking|cross-sectional rank"),
    ("NORMALISE", "zscore", "zscore|z-score|z-scores|zscored|z-scored|standardised|standardized"),
    ("NORMALISE", "robust_zscore", "robust zscore|robust z-score|robust z-scores"),
    ("NORMALISE", "none", "without normalisation|no normalisation|raw features|unnormalised"
     "|without normalization|no normalization"),
    ("ADJUST", True, "adjusted prices|adjusted close|adjusted data|adjusted"),
    ("ADJUST", False, "unadjusted prices|raw prices|unadjusted|unadjusted close|unadjusted data"),
)  # fmt: skip

TRADE: Final[tuple[Row, ...]] = (
    ("HOLD", None, "hold|holds|holding|hold on to|keep|own|go long|long|pick|select|choose"
     "|invest in|holdings"),
    ("BUY", None, "buy|buys|buying"), ("SELL", None, "sell|sells|selling"),
    ("TOP", None, "top|best|strongest|highest|highest ranked|top ranked|highest scoring|leading"
     "|biggest|largest|most promising"),
    ("TOPK", None, "topk|top k|top_k"),
    ("STOCK", 1, "stock|share|name|symbol|ticker|company|position|asset"),
    ("STOCK", 2, "stocks|shares|names|symbols|tickers|companies|positions|assets|equities"),
    ("PORTFOLIO", None, "portfolio|basket|book"),
    ("SINGLE", 1, "single"),
    ("REPLACE", None, "replace|replaces|replaced|replacing|swap|swapping|drop|dropping|exchange|rotate|n_drop"
     "|n drop|ndrop|turn over|replacements|replacement"),
    ("ATMOST", None, "at most|max|maximum|no more than|a maximum of"),
    ("ATATIME", None, "at a time|at once|each time|every time"),
    ("COST", "both", "cost|costs|transaction cost|transaction costs|trading cost|trading costs"
     "|all costs"),
    ("COST", "fee", "fee|fees|commission|commissions|brokerage|trading fee|trading fees"
     "|transaction fee|transaction fees"),
    ("COST", "open", "buying costs|buy costs|buying cost|buy cost|cost of buying|costs of buying"
     "|open costs|open cost|opening cost|buy-side cost|buy-side costs|open_bps|on buys|on buying"
     "|on the buy side|to buy|buy fee|for buys|for buying"),
    ("COST", "close", "selling costs|sell costs|selling cost|sell cost|cost of selling"
     "|costs of selling|close costs|close cost|closing cost|sell-side cost|sell-side costs"
     "|close_bps|on sells|on selling|on sales|on the sell side|to sell|sell fee|for sells"
     "|for selling"),
    ("COST", "slippage", "slippage|slippage cost|slippage costs|slip"),
    ("MINFEE", None, "minimum fee|min fee|minimum commission|min commission|minimum cost|min_fee"),
    ("SIDE", 1.0, "per side|each side|a side|each way|one way|one-way|per trade|both sides"
     "|on both sides|on each side|either side"),
    ("SIDE", 0.5, "round trip|round-trip|roundtrip|per round trip|a round trip"),
    ("BP", 1.0, "bp|bps|basis point|basis points|bips"), ("PERCENT", 100.0, "percent|pct|per cent"),
    ("CAPITAL", None, "capital|initial capital|starting capital|start capital|account"
     "|initial account|account size|cash|money|starting cash|initial cash|initial money|budget"
     "|start with|starting with|beginning with"),
    ("CURRENCY", None, "dollar|dollars|usd|us dollars|bucks"),
    ("FREQ", "day", "daily|day by day"), ("FREQ", "week", "weekly|on fridays|every friday"
     "|each friday|end of week|week-end"),
    ("FREQ", "month", "monthly|month-end|end of month|end of each month|end of every month"
     "|at month-end"),
    ("OTHER_FREQ", None, "quarterly|hourly|yearly|annually|biweekly|bi-weekly|fortnightly|intraday"
     "|minutely|semi-annually|half-yearly|bimonthly|tick by tick|every other week"
     "|every other day"),
    ("EVERY", None, "every|each|once a|once per|once every|once each|per"),
    ("REBALANCE", None, "trade|trades|traded|rebalance|rebalanced|rebalances|rebalancing|rebalancings|decide|decisions"
     "|decision|trading|frequency|re-balance|re-balancing|reshuffle|updated|update"),
    ("DATA", None, "data|prices|price data|candles|quotes"),
    ("DATAFREQ", "day", "daily bars|daily data|daily prices|daily price data|daily candles"),
    ("OTHER_FREQ", None, "weekly bars|weekly data|weekly prices|monthly bars|monthly data"
     "|monthly prices|minute bars|minute data|hourly bars|hourly data|intraday data|tick data"),
    ("DEAL", "open", "at open|at the open|next open|open price|open prices|opening price"
     "|opening prices|at the next open|the next day's open|next day's open|on the open"),
    ("DEAL", "close", "at close|at the close|next close|close price|close prices|closing price"
     "|closing prices|at the next close|on the close"),
    ("LIMIT", None, "price limit|daily limit|daily price limit|limit threshold|limit_threshold"),
    ("LOT", None, "lots of|lot size|lot size of|in lots of|trade unit|trade_unit|round lots of"),
    ("BENCH", None, "benchmark|benchmarks|baseline|as benchmark|as the benchmark|as a benchmark"
     "|benchmarked"),
    ("AGAINST", None, "against|versus|vs|compared with|compared to|compare with|compare to"
     "|compare it with|compare it to|compare against|relative to|beat|beats|outperform"
     "|outperforms|benchmarked against|measured against|in comparison with|in comparison to"),
    ("EQUALWEIGHT", None, "equal weight|equal weights|equal weighted|equally weighted|equalweight"
     "|equal_weight|equal weighting|1/n"),
    ("NEG", None, "no|not|without|don't|do not|doesn't|never|ignore|ignoring|skip|skipping"
     "|free of|excluding|exclude|leave out|leaving out|disable|turn off|neglect"
     "|neglecting"),
    ("EXCEPT", None, "except|except for|apart from|but not|other than|besides|all but"
     "|everything but"),
    ("FREE", None, "free"),
    ("BOTH", 2, "both"),
    ("OTHER", None, "at least|no less than|stop loss|stop-loss|take profit|short|shorts|shorting|long-short"
     "|long/short|leverage|leveraged|hedge|hedged|bottom|worst|not only|real time|live"),
    ("CONDITION", None, "if|when|whenever|unless|above|below|under|more than|less than|greater than"
     "|exceeds|exceeding|falls below|rises above|until it|as long as|provided"),
    ("ONLY", None, "only|just|solely|nothing but"), ("ALL", None, "all|every one of|the whole"),
    ("AFTERCOSTS", None, "after costs|net of costs|after fees|after transaction costs"
     "|net of fees|after trading costs|with costs|including costs|including fees|costs included"
     "|net of transaction costs|with transaction costs|with fees|with trading costs"),
    ("SEP", None, "or|plus|as well as"), ("AND", None, "and"),
    ("FOLLOWED", None, "universe|the universe|universe of"),
)  # fmt: skip

FILLER: Final[tuple[Row, ...]] = (
    ("LINK", None, "the|a|an|of|is|are|be|being|my|your|our|its|their|'s|set to|equal to|equals"
     "|with|using|use|by|as|so|some|any"),
    ("FILL", None, "please|kindly|i|we|you|me|us|it|they|them|he|she|that|these|those|there|here"
     "|i'd|i'm|i'll|let|let's|would|could|can|will|shall|should|might|want|want to|like|like to"
     "|need|need to|wish|hope|try|tell|show|give|find out|know|see|look|look at|look into|check"
     "|test|tests|tested|testing|backtest|backtests|backtested|back-test|backtesting|run|runs"
     "|study|studies|research|explore|investigate|examine|analyse|analyze|analysis|evaluate"
     "|assess|measure|simulate|simulation|experiment|build|make|do|does|did|done|have|has|had"
     "|was|were|been|get|gets|what if|see if|check if|know if|find out if|test if|whether|how|what|which"
     "|who|well|work|works|worked|working|perform|performs|performed|performance|hold up"
     "|holds up|held up|winning|losing|go on|goes on|survive|survives|survived|still|persist|persists|exist|exists|pay|pays"
     "|paid|pay off|pays off|profitable|long-only|long only|make money|makes money|made money|earn|earns|earned"
     "|robust|robust to|strategy|strategies|factor|factors|signal|signals|effect|idea|rule"
     "|approach|style|based|based on|built on|us stocks|us shares|us equities|american shares"
     "|american stocks|u.s. stocks|stock market|us stock market|us market|tech stocks"
     "|technology stocks|technology shares|sample|sample data|the sample data|thanks"
     "|thank you|hi|hello|hey|then|also|too|same|when trading|apply|applied|consider"
     "|considering|include|including|includes|add|added|detect|detects|detecting|detection"
     "|detector|detectors|find|finding|look for|looking for|look out for|watch|watching|watch for"
     "|watch out for|monitor|monitoring|mark|marking|flag|flagging|spot|track|tracking|alarms"
     "|alarm|patterns|pattern|compute|calculate|report|results|result|go|going|happen|happens"
     "|happened|into|onto|out|up|per annum|assume|assuming|given|take"
     "|taking|taken|put|place|paying|charge|charging|charged|cross-sectional|cross-section"
     "|time|times|case|question|returns|return|past return|past returns|historical|history"
     "|ones|one's|the others|the rest|others|qraft|plan|task|spec|draft"),
)  # fmt: skip

TABLES: Final = (*NUMBERS, *TIME, *STUDY, *TRADE, *FILLER)
