"""English vocabulary: models, reactions to patterns, and when a study runs again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from agent.assistant.grammar.words.vocabulary.table import Entry

ENTRIES: Final[tuple[Entry, ...]] = (
    (
        "MODEL",
        "lightgbm",
        (
            "lightgbm|light gbm|lgbm|lgb|gradient boosting|gradient boosted trees"
            "|gradient-boosted trees|boosted trees|gbdt|gbm|a lightgbm model|lightgbm model"
            "|gradient boosting model"
        ),
    ),
    ("MODEL", "linear", "linear model|linear regression|ols|least squares|linear"),
    ("RIDGE", None, "ridge|ridge regression"),
    (
        "OTHER_MODEL",
        None,
        (
            "xgboost|catboost|random forest|random forests|neural network|neural networks"
            "|neural net|lstm|gru|mlp|transformer|transformers|deep learning|svm|lasso"
            "|elastic net|machine learning|ml model"
        ),
    ),
    ("SET", "alpha158", "alpha158|alpha 158"),
    ("SET", "alpha360", "alpha360|alpha 360"),
    ("SET", "alpha101", "alpha101|alpha 101|101 formulaic alphas"),
    ("SET", "kbar", "kbar|kbars|k-bar"),
    ("SETWORD", None, "features|feature|feature set|factor set|feature sets"),
    (
        "TRAIN",
        "train_bars",
        (
            "train|trains|trained|training|train on|trained on|training on|training window"
            "|learn from|learning from|training period|train it on|fit on|fitted on"
        ),
    ),
    (
        "TRAIN",
        "valid_bars",
        "validate|validated|validation|validate on|validation window|validation period",
    ),
    ("TESTWORD", "test_bars", "test|testing|test on|tested on"),
    ("TRAIN", "test_bars", "test window|test windows|test period|prediction window"),
    ("TRAIN", "embargo_bars", "embargo|embargo of"),
    (
        "RETRAIN",
        None,
        (
            "retrain|retrained|retraining|re-train|re-trained|refit|refitted|refitting|re-fit"
            "|retrain it|refit it|refit the model|retrain the model"
        ),
    ),
    ("INSTEAD", None, "instead of|rather than|in place of|in lieu of"),
    ("OFF", None, "off|disabled|turned off|switched off"),
    ("ADD", None, "add|also add|in addition"),
    ("EXPANDING", None, "expanding|expanding window|expanding windows"),
    ("WALKFORWARD", None, "walk-forward|walk forward|walkforward"),
    ("ALPHA", None, "alpha|penalty"),
    (
        "SUSPEND",
        None,
        (
            "suspend|suspends|suspend trading|suspend all trading|stop trading|pause trading"
            "|pause|halt trading|stops trading|trading stops|trading is suspended|stand aside"
            "|step aside|steps aside|sit out"
        ),
    ),
    (
        "SUSPEND",
        "sell",
        (
            "go to cash|sell everything|sell all|exit|exit the market|move to cash|liquidate"
            "|go flat|risk off|de-risk fully|exit all positions|liquidate everything"
        ),
    ),
    (
        "SUSPEND",
        "hold",
        (
            "hold what is held|freeze|freeze the portfolio|freeze trading|freeze positions"
            "|neither buy nor sell"
        ),
    ),
    (
        "HALVE",
        0.5,
        (
            "halve|halve positions|halve the positions|halve exposure|halve the exposure"
            "|halve weights|halve the weights|half exposure|half the exposure|half the position"
            "|half positions|half size|cut exposure in half|cut positions in half"
            "|cut weights in half|go to half|invest half"
        ),
    ),
    (
        "REDUCE",
        None,
        (
            "reduce|reduce positions|reduce exposure|reduce the exposure|cut exposure"
            "|cut positions|scale down|scale down positions|scale positions|scale back"
            "|scale exposure|reduce weights|scale|reduce the positions|cut weights"
            "|scale weights|lower exposure"
        ),
    ),
    ("ONEHALF", 0.5, "a half|one half|by half|to half|in half"),
    (
        "FOUND",
        None,
        (
            "detected|is detected|are detected|was detected|gets detected|found|is found"
            "|are found|occurs|occur|appears|appear|is flagged|shows up|show up|is seen"
            "|is signalled|fires|is reported"
        ),
    ),
    ("CONFIDENCE", None, "confidence|confidence of|min_confidence|minimum confidence"),
    ("WHEN", None, "if|when|whenever|once there is|as soon as|in case of|upon"),
    (
        "RERUN",
        None,
        (
            "run again|run it again|rerun|re-run|reruns|rerun it|re-run it|runs again|triggered"
            "|rerun the study|run the study again|trigger|trigger it|wake up|rerun this"
        ),
    ),
    (
        "EVENT",
        "partition_created",
        (
            "new data arrive|new data arrives|new prices arrive|new bars arrive"
            "|new data comes in|there is new data|there are new prices|data is updated"
            "|prices are updated|new data|new prices|new bars|fresh data|fresh data arrives"
            "|new data is available|partition_created|partition created|new data come in"
        ),
    ),
    (
        "EVENT",
        "file_arrived",
        (
            "file arrives|new file|new file arrives|file_arrived|file lands|new file lands"
            "|new file is dropped"
        ),
    ),
    ("EVENT", "quality_anomaly", "quality_anomaly|data quality anomaly|bad data|data look wrong"),
    ("EVENT", "signal_promoted", "signal_promoted|signal is promoted|signal gets promoted"),
    ("DAYSET", "1-5", "weekday|weekdays|business day|business days|working day|working days"),
    (
        "DAYSET",
        "1-5",
        "workday|workdays|monday to friday|monday through friday|mon-fri|mon to fri",
    ),
    ("DAYSET", "1", "monday|mondays"),
    ("DAYSET", "2", "tuesday|tuesdays"),
    ("DAYSET", "3", "wednesday|wednesdays"),
    ("DAYSET", "4", "thursday|thursdays"),
    ("DAYSET", "5", "friday|fridays"),
    ("DAYSET", "6", "saturday|saturdays"),
    ("DAYSET", "0", "sunday|sundays"),
    ("FRIDAYS", "5", "on fridays|every friday|each friday"),
    ("TRADINGDAILY", "day", "every trading day|each trading day|every session|each session"),
    ("AM", 0, "am|a.m|a.m."),
    ("PM", 12, "pm|p.m|p.m."),
    ("NOON", 12, "noon|midday"),
    ("NOON", 0, "midnight"),
    ("OCLOCK", None, "o'clock|sharp"),
    (
        "ZONE",
        "America/New_York",
        (
            "new york time|new york|america/new_york|eastern time|eastern|us eastern|et|est|edt"
            "|ny time|nyc time|new york local time|us eastern time"
        ),
    ),
    ("ZONE", "America/Chicago", "chicago time|chicago|america/chicago|central time"),
    ("ZONE", "Europe/London", "london time|london|europe/london|uk time"),
    (
        "ZONE",
        "Europe/Berlin",
        "berlin time|frankfurt time|europe/berlin|cet|central european time",
    ),
    (
        "ZONE",
        "Asia/Shanghai",
        "beijing time|shanghai time|beijing|shanghai|asia/shanghai|china time",
    ),
    ("ZONE", "Asia/Hong_Kong", "hong kong time|hong kong|asia/hong_kong"),
    ("ZONE", "Asia/Tokyo", "tokyo time|tokyo|asia/tokyo|japan time"),
    ("ZONE", "UTC", "utc|gmt|utc time|universal time"),
)
"""Kind, value, phrases separated by bars."""
