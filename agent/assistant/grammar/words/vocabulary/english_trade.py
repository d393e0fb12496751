"""English vocabulary: how it is traded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agent.assistant.grammar.words.vocabulary.table import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    (
        "HOLD",
        None,
        (
            "hold|holds|holding|hold on to|keep|own|go long|long|pick|select|choose|invest in"
            "|holdings"
        ),
    ),
    ("BUY", None, "buy|buys|buying"),
    ("SELL", None, "sell|sells|selling"),
    (
        "TOP",
        None,
        (
            "top|best|strongest|highest|highest ranked|top ranked|highest scoring|leading"
            "|biggest|largest|most promising"
        ),
    ),
    ("TOPK", None, "topk|top k|top_k"),
    ("STOCK", 1, "stock|share|name|symbol|ticker|company|position|asset"),
    ("STOCK", 2, "stocks|shares|names|symbols|tickers|companies|positions|assets|equities"),
    ("PORTFOLIO", None, "portfolio|basket|book"),
    ("SINGLE", 1, "single"),
    (
        "REPLACE",
        None,
        (
            "replace|replaces|replaced|replacing|swap|swapping|drop|dropping|exchange|rotate"
            "|n_drop|n drop|ndrop|turn over|replacements|replacement"
        ),
    ),
    ("ATMOST", None, "at most|max|maximum|no more than|a maximum of"),
    (
        "ATATIME",
        None,
        (
            "at a time|at once|each time|every time|per rebalance|per rebalancing|each rebalance"
            "|per period|per decision"
        ),
    ),
    (
        "COST",
        "both",
        "cost|costs|transaction cost|transaction costs|trading cost|trading costs|all costs",
    ),
    (
        "COST",
        "fee",
        (
            "fee|fees|commission|commissions|brokerage|trading fee|trading fees|transaction fee"
            "|transaction fees"
        ),
    ),
    (
        "COST",
        "open",
        (
            "buying costs|buy costs|buying cost|buy cost|cost of buying|costs of buying"
            "|open costs|open cost|opening cost|buy-side cost|buy-side costs|open_bps|on buys"
            "|on buying|on the buy side|to buy|buy fee|for buys|for buying"
        ),
    ),
    (
        "COST",
        "close",
        (
            "selling costs|sell costs|selling cost|sell cost|cost of selling|costs of selling"
            "|close costs|close cost|closing cost|sell-side cost|sell-side costs|close_bps"
            "|on sells|on selling|on sales|on the sell side|to sell|sell fee|for sells"
            "|for selling"
        ),
    ),
    ("COST", "slippage", "slippage|slippage cost|slippage costs|slip"),
    ("MINFEE", None, "minimum fee|min fee|minimum commission|min commission|minimum cost|min_fee"),
    (
        "SIDE",
        1.0,
        (
            "per side|each side|a side|each way|one way|one-way|per trade|both sides"
            "|on both sides|on each side|either side"
        ),
    ),
    ("SIDE", 0.5, "round trip|round-trip|roundtrip|per round trip|a round trip"),
    ("BP", 1.0, "bp|bps|basis point|basis points|bips"),
    ("PERCENT", 100.0, "percent|pct|per cent"),
    (
        "CAPITAL",
        None,
        (
            "capital|initial capital|starting capital|start capital|account|initial account"
            "|account size|cash|money|starting cash|initial cash|initial money|budget"
            "|start with|starting with|beginning with"
        ),
    ),
    ("CURRENCY", None, "dollar|dollars|usd|us dollars|bucks"),
    ("FREQ", "day", "daily|day by day|once a day"),
    (
        "FREQ",
        "week",
        "weekly|end of week|week-end|once a week|once weekly|once per week|every week",
    ),
    (
        "FREQ",
        "month",
        (
            "monthly|once a month|month-end|end of month|end of each month|end of every month"
            "|at month-end"
        ),
    ),
    (
        "OTHER_FREQ",
        None,
        "hourly|intraday|minutely|tick by tick|every hour|every minute|bimonthly",
    ),
    ("EVERYSO", ("quarter", 1), "quarterly|once a quarter|every quarter"),
    ("EVERYSO", ("year", 1), "yearly|annually|once a year|every year"),
    ("EVERYSO", ("week", 2), "biweekly|bi-weekly|fortnightly|every other week|every fortnight"),
    ("EVERYSO", ("month", 6), "semi-annually|half-yearly|twice a year|every half year"),
    ("EVERYSO", ("day", 2), "every other day|every second day"),
    ("BARSIZE", "week", "weekly bars|weekly data|weekly prices|weekly candles|weekly closes"),
    ("BARSIZE", "month", "monthly bars|monthly data|monthly prices|monthly candles"),
    (
        "FINEBARS",
        "minute",
        "minute bars|minute data|minute candles|min bars|minute prices|min data|min candles",
    ),
    (
        "FINEBARS",
        "hour",
        "hourly bars|hourly data|hour bars|hourly candles|hourly prices|h bars|hour candles",
    ),
    ("EVERY", None, "every|each|once a|once per|once every|once each|per"),
    (
        "REBALANCE",
        None,
        (
            "trade|trades|traded|rebal|rebals|rebalance|rebalanced|rebalances|rebalancing|rebalancings"
            "|decide|decisions|decision|trading|frequency|re-balance|re-balancing|reshuffle"
            "|updated|update"
        ),
    ),
    ("DATA", None, "data|prices|price data|candles|quotes"),
    ("DATAFREQ", "day", "daily bars|daily data|daily prices|daily price data|daily candles"),
    (
        "OTHER_FREQ",
        None,
        "tick data|intraday data|yearly data|quarterly data|yearly bars|quarterly bars",
    ),
    (
        "DEAL",
        "open",
        (
            "at open|at the open|next open|open price|open prices|opening price|opening prices"
            "|at the next open|the next day's open|next day's open|on the open"
        ),
    ),
    (
        "DEAL",
        "close",
        (
            "at close|at the close|next close|close price|close prices|closing price"
            "|closing prices|at the next close|on the close"
        ),
    ),
    ("LIMIT", None, "price limit|daily limit|daily price limit|limit threshold|limit_threshold"),
    (
        "LOT",
        None,
        (
            "lots|lot|round lots|board lots|board lot|lots of|lot size|lot size of|in lots of"
            "|trade unit|trade_unit|round lots of"
        ),
    ),
    (
        "BENCH",
        None,
        ("benchmark|benchmarks|baseline|as benchmark|as the benchmark|as a benchmark|benchmarked"),
    ),
    (
        "AGAINST",
        None,
        (
            "against|versus|vs|compared with|compared to|compare with|compare to"
            "|compare it with|compare it to|compare against|relative to|beat|beats|outperform"
            "|outperforms|benchmarked against|measured against|in comparison with"
            "|in comparison to"
        ),
    ),
    (
        "EQUALWEIGHT",
        None,
        (
            "equal weight|equal weights|equal weighted|equally weighted|equalweight"
            "|equal_weight|equal weighting|1/n"
        ),
    ),
    (
        "NEG",
        None,
        (
            "no|not|without|don't|do not|doesn't|never|ignore|ignoring|skip|skipping|free of"
            "|excluding|exclude|leave out|leaving out|disable|turn off|neglect|neglecting"
        ),
    ),
    (
        "EXCEPT",
        None,
        "except|except for|apart from|but not|other than|besides|all but|everything but",
    ),
    ("FREE", None, "free"),
    ("BOTH", 2, "both"),
    ("RANKTOP", "us_reversal", "worst|worst performing|most fallen|weakest|biggest falls"),
    ("DEALT", None, "execute|executed|executing|execution|filled"),
    (
        "OTHER",
        None,
        (
            "stop loss|stop-loss|take profit|short|shorts|shorting|long-short|long/short"
            "|leverage|leveraged|hedge|hedged|bottom|not only|real time|live"
        ),
    ),
    (
        "CONDITION",
        None,
        (
            "unless|below|under|less than|exceeds|exceeding|falls below|rises above|until it"
            "|as long as|provided"
        ),
    ),
    ("ABOVE", None, "above|more than|greater than"),
    ("ATLEAST", None, "at least|no less than|minimum|a minimum of|not less than|minimum of"),
    ("MINHOLD", None, "minimum holding period|min holding period|minimum holding time|hold_bars"),
    (
        "DELAY",
        None,
        "delay|delayed|delayed by|with a delay of|lag|lagged|trade delay|execution delay",
    ),
    ("LATER", None, "later|after the signal|after the decision|after the close of the signal"),
    ("NEXTDAY", 1, "next day|the next day|the following day|next bar|the next bar|following day"),
    ("T", None, "t"),
    (
        "RANKWEIGHT",
        "rank",
        (
            "rank weighted|rank-weighted|weighted by rank|rank weights|weights by rank"
            "|rank weighting"
        ),
    ),
    (
        "RANKWEIGHT",
        "proportional",
        (
            "score weighted|score-weighted|weighted by score|weighted by scores"
            "|proportional weights|proportional to score|proportional to scores"
            "|proportional to the score|proportional to the scores|signal weighted"
            "|weighted by signal|proportional weighting|score weighting"
            "|weights proportional to score|weights proportional to scores"
        ),
    ),
    (
        "MAXWEIGHT",
        None,
        (
            "maximum weight|max weight|weight cap|cap weights at|max_weight|weights capped at"
            "|position cap|maximum position|max position|max position size|weight limit"
            "|cap each at|capped at|weights at most|cap each name at|cap each stock at"
            "|cap each position at|cap each symbol at|cap every name at|cap every stock at"
            "|cap every position at|cap names at|cap stocks at|cap positions at|no name above"
            "|no stock above|no position above|no single name above|no single stock above"
            "|no symbol above"
        ),
    ),
    (
        "POSITIVE",
        True,
        (
            "positive scores only|only positive scores|positive momentum only"
            "|only positive momentum|positive_only|only those with positive momentum"
            "|only with positive scores|only if the score is positive"
            "|only stocks with positive momentum"
        ),
    ),
    (
        "NEUTRAL",
        "market",
        (
            "market-neutralised|market neutralised|market-neutralized|market neutralized"
            "|neutralised against the market|neutralized against the market"
            "|neutralise the market|neutralize the market|demeaned"
            "|neutralise against the market|neutralize against the market"
            "|cross-sectionally demeaned|market neutralisation|market neutralization"
        ),
    ),
    (
        "OTHER_NEUTRAL",
        None,
        (
            "sector neutral|sector-neutral|industry neutral|industry-neutral|sector neutralised"
            "|sector neutralized|sector-neutralised|sector-neutralized|group neutral"
            "|neutralised by sector|neutralized by sector|neutralised by industry"
            "|neutralized by industry|size neutral|market neutral|market-neutral|beta neutral"
        ),
    ),
    (
        "WINSOR",
        None,
        (
            "winsorise|winsorize|winsorised|winsorized|winsorising|winsorizing|winsorisation"
            "|clip outliers"
        ),
    ),
    (
        "FDR",
        None,
        "false discovery rate|fdr|false discoveries|discovery level|false discovery level",
    ),
    ("FDRMETHOD", "bh", "benjamini-hochberg|benjamini hochberg"),
    ("FDRMETHOD", "by", "benjamini-yekutieli|benjamini yekutieli"),
    ("FDRMETHOD", "lord", "lord"),
    ("FDRMETHOD", "saffron", "saffron"),
    (
        "NOPROPOSE",
        False,
        (
            "don't propose it to the gate|don't propose it|don't propose"
            "|do not propose it to the gate|do not propose it|do not propose|don't submit it"
            "|don't submit it to the gate|without proposing it|without proposal|no proposal"
            "|do not submit it to the gate|don't submit"
        ),
    ),
    ("ONLY", None, "only|just|solely|nothing but"),
    ("ALL", None, "all|every one of|the whole"),
    (
        "AFTERCOSTS",
        None,
        (
            "after costs|net of costs|after fees|after transaction costs|net of fees"
            "|after trading costs|with costs|including costs|including fees|costs included"
            "|net of transaction costs|with transaction costs|with fees|with trading costs"
        ),
    ),
    ("SEP", None, "or|plus|as well as"),
    ("AND", None, "and"),
    ("FOLLOWED", None, "universe|the universe|universe of"),
)
"""Kind, value, phrases separated by bars."""
