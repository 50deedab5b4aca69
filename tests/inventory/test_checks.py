from inventory.checks import warn_of_open_access


class TestWarnOfOpenAccess:
    def test_is_silent_while_the_queue_is_closed(self, settings):
        settings.QUEUE_API_ANONYMOUS_ORG = ""

        assert warn_of_open_access() == []

    def test_names_the_setting(self, settings):
        settings.QUEUE_API_ANONYMOUS_ORG = "00000000-0000-7000-8000-000000000000"

        (warning,) = warn_of_open_access()
        assert "QUEUE_API_ANONYMOUS_ORG" in warning.hint
