from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts.views import LoginView, OrganizationView, RevokeTokenView, TokensView

app_name = "accounts"

urlpatterns = [
    path("login", LoginView.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("account/organization", OrganizationView.as_view(), name="organization"),
    path("account/tokens", TokensView.as_view(), name="tokens"),
    path("account/tokens/<uuid:token_id>/revoke", RevokeTokenView.as_view(), name="revoke-token"),
]
