from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('accounts', '0002_profile_bio')]
    operations = [
        migrations.AddField('profile', 'avatar', models.FileField(blank=True, upload_to='avatars')),
    ]
