"""Models are loaded whole where one process loads them alone."""

from types import SimpleNamespace

from csi_train.trainers import saving


def test_zero3_shares_models_out_before_and_after_but_not_while_they_shall_be_whole():
    from transformers.integrations import deepspeed

    config = deepspeed.HfDeepSpeedConfig({"zero_optimization": {"stage": 3}})
    plugin = SimpleNamespace(set_deepspeed_weakref=lambda: deepspeed.set_hf_deepspeed_config(config))
    try:
        assert deepspeed.is_deepspeed_zero3_enabled()
        with saving.whole(SimpleNamespace(deepspeed_plugin=plugin)):
            assert not deepspeed.is_deepspeed_zero3_enabled()
        assert deepspeed.is_deepspeed_zero3_enabled()
    finally:
        deepspeed.unset_hf_deepspeed_config()


def test_without_deepspeed_nothing_changes():
    from transformers.integrations import deepspeed

    with saving.whole(SimpleNamespace(deepspeed_plugin=None)):
        assert not deepspeed.is_deepspeed_zero3_enabled()
    assert not deepspeed.is_deepspeed_zero3_enabled()
