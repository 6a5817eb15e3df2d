from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('accounts', '0001_initial')]
    operations = [
        migrations.AddField('profile', 'bio', models.TextField(blank=True, default=''), preserve_default=False),
    ]
